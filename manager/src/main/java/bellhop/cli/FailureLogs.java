package bellhop.cli;

import bellhop.core.Effect;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The failures of a start, each followed by the last lines that the service at fault has logged. One after the other, as
 * the pump answers; the request is answered by this.
 */
final class FailureLogs {

    private static final int LINES = 5;
    private static final int LONGEST_LINE = 500;
    private static final int MOST_SERVICES = 3;

    private final Session request;
    private final Set<ServiceName> shown = new HashSet<>();

    private FailureLogs(Session request) {
        this.request = request;
    }

    /** Says what failed, and exits; on the loop's thread. */
    static void show(Session request, List<String> failures) {
        FailureLogs logs = new FailureLogs(request);
        List<FailureLine> lines = failures.stream()
                .map(failure -> new FailureLine(failure, logs.atFault(failure)))
                .toList();
        logs.show(lines.iterator());
    }

    /**
     * A failure.
     *
     * @param atFault whose log may say more; empty if nobody's does
     */
    private record FailureLine(String text, Optional<ServiceName> atFault) {}

    /** Comes back from the pump's thread; nothing of the loop's is touched. */
    private void show(Iterator<FailureLine> left) {
        while (left.hasNext()) {
            FailureLine line = left.next();
            request.complain(line.text());
            if (line.atFault().isPresent()) {
                request.tail(line.atFault().get(), LINES, bytes -> {
                    new String(bytes, StandardCharsets.UTF_8).lines().forEach(this::show);
                    show(left);
                });
                return;
            }
        }
        request.exit(ExitCode.FAILED);
    }

    private void show(String line) {
        boolean isLong = line.length() > LONGEST_LINE;
        request.client().err("  " + (isLong ? line.substring(0, LONGEST_LINE) + "..." : line));
    }

    private Optional<ServiceName> atFault(String failure) {
        return Effect.Answer.log(failure)
                .flatMap(FailureLogs::parsed)
                .filter(name -> shown.size() < MOST_SERVICES && hasLog(request, name) && shown.add(name));
    }

    private static Optional<ServiceName> parsed(String text) {
        try {
            return Optional.of(ServiceName.parse(text));
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }

    /** Whether what a service writes can be read; on the loop's thread. */
    private static boolean hasLog(Session request, ServiceName name) {
        return LogAnswer.whyNoLog(request, name, request.engine().services(), false)
                .isEmpty();
    }
}
