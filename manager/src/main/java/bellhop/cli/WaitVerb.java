package bellhop.cli;

import bellhop.catalog.Finding;
import bellhop.cli.ServiceWait.Progress;
import bellhop.cli.Verbs.Common;
import bellhop.cli.Verbs.Verb;
import bellhop.core.Caller;
import bellhop.core.Life;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.Nearest;
import bellhop.definition.Quote;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.readiness.SelfReport;
import bellhop.manager.ExitCode;
import bellhop.yaml.Durations;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Waits until services are in a state; nothing is started or stopped. */
@Command(description = "Wait until services are in a state.")
final class WaitVerb extends Common implements Verb {

    @Option(
            names = "--until",
            paramLabel = "started|stopped|finished|healthy",
            description = "The state to wait for; started if not given.")
    String until = "started";

    @Option(names = "--timeout", paramLabel = "DURATION", description = "How long to wait at most, such as 10s.")
    @Nullable
    Duration timeout;

    @Parameters(paramLabel = "NAME", arity = "1..*", description = "The services.")
    List<String> names = List.of();

    /** The state that is waited for. */
    private enum Until {
        /** Up, or done with what it had to do. */
        STARTED,
        /** Down, for whatever reason. */
        STOPPED,
        /** Done with what it had to do. */
        FINISHED,
        /** Up, and its health check says that it is well. */
        HEALTHY;

        static List<String> words() {
            return Stream.of(values()).map(Until::text).toList();
        }

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    boolean take(List<String> operands) {
        names = operands;
        return !operands.isEmpty();
    }

    @Override
    public void act(Session request) {
        Optional<Until> state =
                Stream.of(Until.values()).filter(it -> it.text().equals(until)).findFirst();
        if (state.isEmpty()) {
            request.fail(
                    "--until: " + Quote.of(until) + "; expected one of " + String.join(", ", Until.words())
                            + Nearest.hint(until, Until.words()),
                    ExitCode.USAGE);
            return;
        }
        Optional<Duration> limit = Optional.ofNullable(timeout);
        request.known(List.copyOf(new LinkedHashSet<>(names)))
                .ifPresent(services -> request.look(all -> begin(request, services, all, state.get(), limit)));
    }

    private static void begin(
            Session request, List<ServiceName> services, Supervisor all, Until until, Optional<Duration> limit) {
        if (!request.areThere(services, all)) {
            return;
        }
        if (request.caller() instanceof Caller.ScriptCaller(ServiceName own, long _)
                && services.contains(own)
                && waitsForItself(all.service(own), until)) {
            request.fail(own + ": refused: this script of it would wait for itself", ExitCode.FAILED);
            return;
        }
        ServiceWait wait =
                new ServiceWait(request, services, (name, service) -> progress(request, name, service, until));
        wait.begin();
        limit.ifPresent(time -> wait.limit(
                time,
                ExitCode.TIMED_OUT,
                name -> "not " + until.text() + " after " + Durations.seconds(time) + ", but " + word(request, name)));
    }

    private static String word(Session request, ServiceName name) {
        return request.engine()
                .services()
                .service(name)
                .map(Service::word)
                .orElse(Word.STOPPED)
                .text();
    }

    /** A script of a service that is up may wait for its health. */
    private static boolean waitsForItself(Optional<Service> own, Until until) {
        boolean isUp = own.filter(it -> it.word() == Word.STARTED).isPresent();
        return switch (until) {
            case STARTED, HEALTHY -> !isUp;
            case STOPPED, FINISHED -> true;
        };
    }

    /** How far a service is from having finished. */
    static Progress untilFinished(Session request, ServiceName name, Optional<Service> service) {
        return progress(request, name, service, Until.FINISHED);
    }

    private static Progress progress(Session request, ServiceName name, Optional<Service> service, Until until) {
        Word word = service.map(Service::word).orElse(Word.STOPPED);
        String detail = service.map(Service::detail).orElse("");
        boolean isUp = service.flatMap(Service::life).isPresent();
        Progress failed = Progress.never(word.text() + (detail.isEmpty() ? "" : ": " + detail));
        return switch (word) {
            case STARTED -> up(request, name, service, until);
            case FINISHED ->
                switch (until) {
                    case HEALTHY -> failed;
                    case STOPPED -> isUp ? waits(request, name, service, until) : Progress.THERE;
                    case STARTED, FINISHED -> Progress.THERE;
                };
            case STOPPED -> until == Until.STOPPED ? Progress.THERE : waits(request, name, service, until);
            case FAILED -> until == Until.STOPPED ? Progress.THERE : failed;
            case STARTING, RESTARTING, STOPPING -> waits(request, name, service, until);
        };
    }

    private static Progress up(Session request, ServiceName name, Optional<Service> service, Until until) {
        boolean isThere = switch (until) {
            case STARTED -> true;
            case HEALTHY ->
                request.engine()
                        .report(name)
                        .health()
                        .filter(health -> health.word().equals(SelfReport.Health.GOOD))
                        .isPresent();
            case STOPPED, FINISHED -> false;
        };
        return isThere ? Progress.THERE : waits(request, name, service, until);
    }

    /** On its way, unless its definition says that it will never get there. */
    private static Progress waits(Session request, ServiceName name, Optional<Service> service, Until until) {
        Optional<Definition> definition = service.flatMap(Service::life)
                .map(Life::definition)
                .or(() -> service.map(Service::latest))
                .or(() -> request.catalog().known(name).flatMap(Finding::usable));
        if (until == Until.HEALTHY
                && definition.filter(it -> it.health().isEmpty()).isPresent()) {
            return Progress.never("has no healthcheck");
        }
        if (until == Until.FINISHED && definition.isPresent()) {
            if (!definition.get().has(Script.RUN)) {
                return Progress.never("never finishes: it has no run, and is started until it is stopped");
            }
            if (definition.get().restart().policy() == RestartPolicy.ALWAYS) {
                return Progress.never("never finishes: run is started again whenever it ends (restart: always)");
            }
        }
        boolean isDown = service.map(Service::word).orElse(Word.STOPPED) == Word.STOPPED;
        return isDown && until != Until.STOPPED && request.isMasked(name)
                ? Progress.never("is masked (bh unmask " + name + ")")
                : Progress.ON_THE_WAY;
    }
}
