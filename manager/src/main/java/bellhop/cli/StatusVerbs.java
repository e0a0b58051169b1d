package bellhop.cli;

import bellhop.cli.Verbs.Common;
import bellhop.cli.Verbs.Verb;
import bellhop.control.Json;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.NamePattern;
import bellhop.manager.ExitCode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs that show services as they are. */
final class StatusVerbs {

    private static final int NO_SUCH_SERVICE = 4;
    private static final int NOT_UP = 3;

    private StatusVerbs() {}

    /** What is shown of services, all of them if none is named. */
    abstract static class OfAnyServices extends Common implements Verb {
        @Parameters(
                paramLabel = "NAME",
                arity = "0..*",
                description = "The services, or patterns of their names; all if not given.")
        List<String> names = List.of();
    }

    @Command(description = "Show the state of services.")
    static final class Status extends OfAnyServices {
        @Option(names = "--json", description = "As JSON.")
        boolean json;

        @Option(names = "--watch", description = "Draw it again every two seconds, until q is pressed.")
        boolean watch;

        @Override
        boolean take(List<String> operands) {
            names = operands;
            return true;
        }

        @Override
        public void act(Session request) {
            List<String> asked = List.copyOf(names);
            if (json) {
                request.look(services -> request.exit(showJson(request, services, asked)));
            } else if (watch && !request.wantsFacts()) {
                request.fail("--watch: expected a terminal as standard output", ExitCode.FAILED);
            } else if (request.wantsFacts()) {
                List<String> renderer = watch ? live(asked, false) : List.of("name=status");
                request.look(services -> showFacts(request, services, asked, renderer));
            } else {
                request.look(services -> request.exit(showText(request, services, asked)));
            }
        }
    }

    @Command(description = "Show the state of services again and again, with keys to look into them.")
    static final class Top extends OfAnyServices {
        @Override
        public void act(Session request) {
            List<String> asked = List.copyOf(names);
            request.look(services -> showFacts(request, services, asked, live(asked, true)));
        }
    }

    private static List<String> live(List<String> names, boolean hasKeys) {
        List<String> entries = new ArrayList<>(List.of("name=live-status", "millis=2000"));
        entries.add(hasKeys ? "keys=yes" : "keys=no");
        names.forEach(name -> entries.add("only=" + name));
        return entries;
    }

    private static int showJson(Session request, Supervisor services, List<String> asked) {
        Found found = Found.of(request, services, asked);
        request.client()
                .out(Json.list(found.services.stream().map(ServiceStatus::json).toList()));
        return found.exit;
    }

    private static void showFacts(Session request, Supervisor services, List<String> asked, List<String> renderer) {
        Found found = Found.of(request, services, asked);
        request.fact("render", renderer);
        request.facts(found.services.stream().map(ServiceStatus::fact).toList(), found.exit);
    }

    /** The word alone of a service that is named alone, for scripts. */
    private static int showText(Session request, Supervisor services, List<String> asked) {
        Found found = Found.of(request, services, asked);
        if (asked.size() == 1 && !NamePattern.isPattern(asked.getFirst())) {
            found.services.forEach(
                    service -> request.client().out(service.word().text()));
        } else if (asked.isEmpty() || !found.services.isEmpty()) {
            StatusTable.lines(found.services).forEach(request.client()::out);
        }
        return found.exit;
    }

    /** The services that are asked for, and what the first that is not well makes of the exit status. */
    private record Found(List<ServiceStatus> services, int exit) {

        static Found of(Session request, Supervisor services, List<String> asked) {
            if (asked.isEmpty()) {
                return new Found(
                        services.services().stream()
                                .map(service -> request.status(service.name(), services))
                                .toList(),
                        ExitCode.OK);
            }
            List<ServiceStatus> found = new ArrayList<>();
            int exit = ExitCode.OK;
            for (String text : asked) {
                List<ServiceStatus> here = request.there(text, services).stream()
                        .map(name -> request.status(name, services))
                        .toList();
                found.addAll(here);
                int code = here.isEmpty() ? NO_SUCH_SERVICE : firstNotOk(here);
                exit = exit == ExitCode.OK ? code : exit;
            }
            return new Found(found, exit);
        }

        private static int firstNotOk(List<ServiceStatus> services) {
            return services.stream()
                    .map(service -> code(service.word()))
                    .filter(code -> code != ExitCode.OK)
                    .findFirst()
                    .orElse(ExitCode.OK);
        }

        private static int code(Word word) {
            return switch (word) {
                case STARTED, FINISHED -> ExitCode.OK;
                case FAILED -> ExitCode.FAILED;
                case STOPPED, STARTING, RESTARTING, STOPPING -> NOT_UP;
            };
        }
    }
}
