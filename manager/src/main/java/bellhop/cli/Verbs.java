package bellhop.cli;

import bellhop.catalog.Finding;
import bellhop.core.Input;
import bellhop.core.Owner;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The verbs of {@code bh}, each with its words and what it does with them. */
final class Verbs {

    private Verbs() {}

    /** A verb whose words were understood. */
    interface Verb {
        /**
         * Carries it out, or has it carried out; on the thread that parses, which it may not block. When it returns
         * its fields are no longer its own: what is done later works with what was taken from them.
         */
        void act(Session request);
    }

    @Command(
            name = "bh",
            description = "Runs the manager that looks after the services, or sends it a request.",
            synopsisSubcommandLabel = "VERB")
    static final class BhVerb {
        @Option(names = "--rundir", paramLabel = "DIR", description = "The run dir of the manager.")
        @Nullable
        String rundir;
    }

    /** What picocli fills with the words of a verb. */
    static Common command(VerbName verb) {
        return switch (verb) {
            case RUN -> new RunVerb();
            case START -> new StartVerb();
            case STOP -> new StopVerb();
            case STOPALL -> new StopAllVerb();
            case UPGRADE -> new UpgradeManager();
            case RESTART -> new RestartVerb();
            case STATUS -> new StatusVerbs.Status();
            case TOP -> new StatusVerbs.Top();
            case WHY -> new WhyVerbs.Why();
            case TREE -> new WhyVerbs.Tree();
            case LIST -> new ListServices();
            case RELOAD -> new ReloadVerb();
            case SIGNAL -> new SignalVerb();
            case WAIT -> new WaitVerb();
            case ENABLE -> new EnableVerbs.Enable();
            case DISABLE -> new EnableVerbs.Disable();
            case MASK -> new MaskVerbs.Mask();
            case UNMASK -> new MaskVerbs.Unmask();
            case CHECK -> new CheckVerb();
            case IMPORT -> new ImportVerb();
            case SHOW -> new ShowVerb();
            case NEW -> new NewVerb();
            case EDIT -> new EditVerb();
            case REQUIRE -> new RequireVerb();
            case RELEASE -> new ReleaseVerb();
            case EVENTS -> new EventVerbs.Events();
            case SLOW -> new EventVerbs.Slow();
            case LOGS -> new LogsVerb();
            case PLUGINS -> new TriggerVerbs.ShowPlugins();
            case TRIGGERS -> new TriggerVerbs.ShowTriggers();
        };
    }

    /**
     * A verb whose words were understood.
     *
     * @param verb good until the next words are parsed
     */
    record NamedVerb(VerbName name, Verb verb) {}

    /**
     * Understands a verb and its operands without any option, as of nearly all requests, for which picocli takes many
     * times as long and is loaded first.
     *
     * @return nothing if {@link BhCommandLine#parse} has to look at the words, which may be wrong
     */
    static Optional<NamedVerb> plain(List<String> words) {
        if (words.stream().anyMatch(word -> word.isEmpty() || word.startsWith("-"))) {
            return Optional.empty();
        }
        return VerbName.of(words).flatMap(name -> {
            Common command = command(name);
            List<String> operands = words.subList(1, words.size());
            return command.take(operands) && command instanceof Verb verb
                    ? Optional.of(new NamedVerb(name, verb))
                    : Optional.empty();
        });
    }

    /** What every verb understands. */
    abstract static class Common {
        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this text and exit.")
        boolean help;

        /**
         * Takes operands that come without any option.
         *
         * @return false if picocli has to look at them: they may be wrong
         */
        boolean take(List<String> operands) {
            return false;
        }
    }

    /** What is done to one service or more. */
    abstract static class OfServices extends Common {
        @Parameters(paramLabel = "NAME", arity = "1..*", description = "The services.")
        List<String> names = List.of();

        @Override
        final boolean take(List<String> operands) {
            names = operands;
            return !operands.isEmpty();
        }
    }

    /** What is done to one service. */
    abstract static class OfOneService extends Common {
        @Parameters(paramLabel = "NAME", description = "The service.")
        String name = "";

        @Override
        final boolean take(List<String> operands) {
            name = operands.isEmpty() ? "" : operands.getFirst();
            return operands.size() == 1;
        }
    }

    /** Its options are added by {@link BhCommandLine}. */
    @Command(description = "Run the manager, in the foreground, until TERM or INT.")
    static final class RunVerb extends Common implements Verb {
        @Override
        public void act(Session request) {
            request.fail("a manager is already running: this one", ExitCode.FAILED);
        }
    }

    @Command(description = "Start services, and keep them started.")
    static final class StartVerb extends OfServices implements Verb {
        @Option(
                names = "--wait-finished",
                description =
                        "Wait until run of the one service has ended for good, and exit 0 if it has finished, else with its exit status.")
        boolean waitFinished;

        @Override
        public void act(Session request) {
            if (waitFinished) {
                startJob(request);
                return;
            }
            request.begin(names, (id, services) -> new Input.StartRequest(id, request.caller(), services));
        }

        private void startJob(Session request) {
            if (names.size() != 1) {
                request.fail("--wait-finished: expected the name of one service", ExitCode.USAGE);
                return;
            }
            request.name(names.getFirst())
                    .ifPresentOrElse(job -> startJob(request, job), () -> request.exit(ExitCode.FAILED));
        }

        private void startJob(Session request, ServiceName job) {
            if (JobWait.isOfItself(request, job)) {
                request.fail(job + ": refused: this script of it would wait for itself", ExitCode.FAILED);
                return;
            }
            request.begin(
                    names,
                    (id, services) -> new Input.StartRequest(id, request.caller(), services),
                    failures -> JobWait.begin(request, job, failures));
        }
    }

    @Command(description = "Stop services.")
    static final class StopVerb extends OfServices implements Verb {
        @Override
        public void act(Session request) {
            request.known(names)
                    .ifPresent(services ->
                            request.change(services, id -> new Input.StopRequest(id, request.caller(), services)));
        }
    }

    @Command(description = "Replace the manager with the program on disk, without stopping services.")
    static final class UpgradeManager extends Common implements Verb {
        /** Asked by a client whose upgrade ended with the manager that it had asked. */
        @Option(names = "--outcome", hidden = true)
        boolean outcome;

        @Override
        boolean take(List<String> operands) {
            return operands.isEmpty();
        }

        @Override
        public void act(Session request) {
            if (outcome) {
                request.outcomeOfUpgrade();
            } else {
                request.upgrade();
            }
        }
    }

    @Command(description = "Stop all services.")
    static final class StopAllVerb extends Common implements Verb {
        @Override
        boolean take(List<String> operands) {
            return operands.isEmpty();
        }

        @Override
        public void act(Session request) {
            request.change(List.of(), id -> new Input.StopAllRequest(id, request.caller()));
        }
    }

    @Command(description = "Stop services and start them again.")
    static final class RestartVerb extends OfServices implements Verb {
        @Override
        public void act(Session request) {
            request.begin(names, (id, services) -> new Input.RestartRequest(id, request.caller(), services));
        }
    }

    @Command(description = "Hold a service, which starts it.")
    static final class RequireVerb extends OfOneService implements Verb {
        @Option(
                names = "--owner",
                paramLabel = "OWNER",
                converter = OwnerName.class,
                description = "The owner of the hold; the caller if not given.")
        @Nullable
        Owner owner;

        @Override
        public void act(Session request) {
            Optional<Owner> named = Optional.ofNullable(owner);
            request.begin(
                    List.of(name),
                    (id, services) -> new Input.RequireRequest(id, request.caller(), named, services.getFirst()));
        }
    }

    @Command(description = "Drop a hold.")
    static final class ReleaseVerb extends OfOneService implements Verb {
        @Option(
                names = "--owner",
                paramLabel = "OWNER",
                converter = OwnerName.class,
                description = "The owner of the hold; the caller if not given.")
        @Nullable
        Owner owner;

        @Override
        public void act(Session request) {
            Optional<Owner> named = Optional.ofNullable(owner);
            request.known(List.of(name))
                    .map(List::getFirst)
                    .ifPresent((ServiceName service) -> request.change(
                            List.of(service), id -> new Input.ReleaseRequest(id, request.caller(), named, service)));
        }
    }

    @Command(description = "List the services that could be started.")
    static final class ListServices extends Common implements Verb {
        @Option(
                names = "--long",
                description = "Add whether each starts with the manager or is masked, and its description.")
        boolean detailed;

        @Option(names = "--state", description = "Add the state of each, or that it is a template.")
        boolean withState;

        @Override
        boolean take(List<String> operands) {
            return operands.isEmpty();
        }

        @Override
        public void act(Session request) {
            boolean asTable = detailed;
            boolean asStates = withState;
            var listing = request.directories().list();
            request.look(services -> {
                SortedSet<ServiceName> names = new TreeSet<>(listing.names());
                services.services().forEach(service -> names.add(service.name()));
                if (asTable) {
                    SortedSet<ServiceName> enabled = request.enabled().names(request.client()::err);
                    names.addAll(enabled);
                    List<List<String>> rows = names.stream()
                            .map(name -> row(name, asStates ? services : null, enabled.contains(name), request))
                            .toList();
                    StatusTable.aligned(rows).forEach(request.client()::out);
                } else {
                    names.forEach(name -> request.client()
                            .out(asStates ? name + " " + state(name, services, request) : name.toString()));
                }
                listing.problems().forEach(request.client()::err);
                request.exit(ExitCode.OK);
            });
        }

        private static String state(ServiceName name, Supervisor services, Session request) {
            return request.catalog().known(name).orElse(null) instanceof Finding.Template
                    ? "template"
                    : services.service(name)
                            .map(Service::word)
                            .orElse(Word.STOPPED)
                            .text();
        }

        private static List<String> row(
                ServiceName name, @Nullable Supervisor states, boolean isEnabled, Session request) {
            Optional<Definition> definition = request.catalog().known(name).flatMap(Finding::usable);
            boolean isAutostart = definition.map(Definition::autostart).orElse(false);
            List<String> row = new ArrayList<>();
            row.add(name.toString());
            if (states != null) {
                row.add(state(name, states, request));
            }
            row.add(request.isMasked(name) ? "masked" : isEnabled ? "enabled" : isAutostart ? "autostart" : "-");
            row.add(definition.map(Definition::description).orElse(""));
            return row;
        }
    }

    /** What is shown and kept in one line: it is said whose hold it is. */
    static final class OwnerName implements ITypeConverter<Owner> {
        private static final int LONGEST = 200;

        @Override
        public Owner convert(String text) {
            if (text.isBlank()
                    || text.length() > LONGEST
                    || !Quote.onOneLine(text).equals(text)) {
                throw new TypeConversionException(text);
            }
            return new Owner.Label(text);
        }
    }

    /** A number of something. */
    static final class Count implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            try {
                int number = Integer.parseInt(text);
                if (number >= 0) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // as for a negative one
            }
            throw new TypeConversionException(text);
        }
    }
}
