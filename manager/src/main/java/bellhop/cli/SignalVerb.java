package bellhop.cli;

import bellhop.cli.Verbs.Common;
import bellhop.cli.Verbs.Verb;
import bellhop.definition.Nearest;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.linux.Signals;
import bellhop.manager.ExitCode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Signals the process of {@code run}. */
@Command(description = "Send a signal to the main process of a service.")
final class SignalVerb extends Common implements Verb {

    @Parameters(index = "0", paramLabel = "NAME", description = "The service.")
    String name = "";

    @Parameters(index = "1", paramLabel = "SIGNAL", description = "The signal, such as HUP, SIGHUP or 1.")
    String signal = "";

    @Override
    boolean take(List<String> operands) {
        if (operands.size() != 2) {
            return false;
        }
        name = operands.getFirst();
        signal = operands.getLast();
        return true;
    }

    @Override
    public void act(Session request) {
        OptionalInt number = Signals.number(signal);
        if (number.isEmpty()) {
            request.fail(
                    "SIGNAL: " + Quote.of(signal) + " is not a signal such as HUP, SIGHUP or 1"
                            + Nearest.hint(signal.toUpperCase(Locale.ROOT), Signals.names()),
                    ExitCode.USAGE);
            return;
        }
        request.known(List.of(name))
                .ifPresent(services -> request.look(all -> {
                    if (request.areThere(services, all)) {
                        request.audit();
                        send(request, services.getFirst(), number.getAsInt());
                    }
                }));
    }

    private static void send(Session request, ServiceName service, int signal) {
        Optional<String> why = request.engine().signal(service, signal);
        why.ifPresent(phrase -> request.complain(service + ": " + phrase));
        request.exit(why.isEmpty() ? ExitCode.OK : ExitCode.FAILED);
    }
}
