package bellhop.cli;

import bellhop.core.Life;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.definition.Definition;
import bellhop.definition.InvalidNameException;
import bellhop.definition.LogSettings;
import bellhop.definition.NamePattern;
import bellhop.definition.ServiceName;
import bellhop.log.LogPosition;
import bellhop.log.LogPump;
import bellhop.log.LogReader;
import bellhop.manager.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What {@code bh logs} is answered. One log is printed as it is. Of several the client is told where each ends, then asks
 * for them a piece at a time, as it can take them, and merges them itself; so the manager holds one piece at most.
 */
final class LogAnswer {

    private static final String ON_CONSOLE = "writes to the manager's output (bh run --console)";
    private static final String LAST = "last:";
    private static final String SINCE = "since:";

    /** In facts a byte is a character of the same number. There is none for the first one, which no word may have. */
    private static final char NUL = '\u0100';

    private final Session request;

    LogAnswer(Session request) {
        this.request = request;
    }

    /**
     * Sends the last lines of a log, and if asked what is added, until the client goes away.
     *
     * @param names the service; none: the manager itself
     */
    void print(List<String> names, int lines, boolean follow) {
        if (names.isEmpty()) {
            request.look(services -> {
                if (request.isOnConsole()) {
                    request.fail("there is no log: the manager " + ON_CONSOLE, ExitCode.FAILED);
                } else {
                    print(LogPump.OWN, lines, follow);
                }
            });
            return;
        }
        request.known(names)
                .map(List::getFirst)
                .ifPresent(service -> request.look(services -> {
                    if (isReadable(service, services, follow)) {
                        print(service.toString(), lines, follow);
                    } else {
                        request.exit(ExitCode.FAILED);
                    }
                }));
    }

    private void print(String log, int lines, boolean follow) {
        LogStream stream = new LogStream(request.client());
        if (follow) {
            endWithClient(
                    stream, request.pump().follow(log, lines, bytes -> request.answering(() -> stream.add(bytes))));
        } else {
            request.pump()
                    .tail(
                            log,
                            lines,
                            bytes -> request.answering(() -> {
                                stream.add(bytes);
                                stream.end();
                            }));
        }
    }

    private void endWithClient(LogStream stream, Runnable end) {
        stream.from(end);
        request.client().onGone(() -> {
            end.run();
            request.exit(ExitCode.OK);
        });
    }

    /**
     * Says where logs end, and if asked sends what is added to them from then on, also to those that begin later.
     *
     * @param asked names and patterns; none: the manager itself
     */
    void ends(List<String> asked, boolean follow) {
        List<NamePattern> patterns = asked.stream()
                .filter(NamePattern::isPattern)
                .map(NamePattern::new)
                .toList();
        List<String> single =
                asked.stream().filter(text -> !NamePattern.isPattern(text)).toList();
        request.known(single).ifPresent(exact -> whileOthersGoOn(() -> ends(asked, patterns, exact, follow)));
    }

    /** For what reads directories and logs, which may take long. */
    private void whileOthersGoOn(Runnable action) {
        Thread.ofPlatform().daemon().name("bellhop-logs").start(() -> request.answering(action));
    }

    private void ends(List<String> asked, List<NamePattern> patterns, List<ServiceName> exact, boolean follow) {
        SortedSet<String> names = new TreeSet<>();
        List<String> candidates = new ArrayList<>();
        try {
            if (!patterns.isEmpty()) {
                candidates.addAll(names(request.directories().list().names()));
                request.pump().names().stream().filter(LogAnswer::isService).forEach(name -> {
                    candidates.add(name);
                    if (isAmong(patterns, name)) {
                        names.add(name);
                    }
                });
            }
        } catch (IOException e) {
            request.fail("the logs cannot be listed: " + e.getMessage(), ExitCode.FAILED);
            return;
        }
        request.look(services -> {
            boolean good = true;
            for (ServiceName service : exact) {
                good &= isReadable(service, services, follow);
                names.add(service.toString());
            }
            candidates.addAll(
                    names(services.services().stream().map(Service::name).toList()));
            for (NamePattern pattern : patterns) {
                if (!follow && candidates.stream().noneMatch(pattern::matches)) {
                    request.complain("no service matches " + pattern.text());
                    good = false;
                }
            }
            if (asked.isEmpty() && request.isOnConsole()) {
                request.complain("there is no log: the manager " + ON_CONSOLE);
                good = false;
            } else if (asked.isEmpty()) {
                names.add(LogPump.OWN);
            }
            if (good) {
                ends(names, patterns, follow);
            } else {
                request.exit(ExitCode.FAILED);
            }
        });
    }

    private static List<String> names(Collection<ServiceName> services) {
        return services.stream().map(ServiceName::toString).toList();
    }

    private static boolean isAmong(List<NamePattern> patterns, String name) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }

    private static boolean isService(String name) {
        try {
            return !ServiceName.parse(name).toString().isEmpty();
        } catch (InvalidNameException e) {
            return false;
        }
    }

    private void ends(SortedSet<String> names, List<NamePattern> patterns, boolean follow) {
        LogStream stream = LogStream.ofFacts(request.client());
        Runnable begin = () -> {
            for (String name : names) {
                stream.addFact("log", "service=" + shown(name), "end=" + end(name));
            }
            stream.addFact("logs");
        };
        if (follow) {
            endWithClient(
                    stream,
                    request.pump()
                            .watch(
                                    name -> names.contains(name) || (isService(name) && isAmong(patterns, name)),
                                    () -> request.answering(begin),
                                    (name, bytes) -> request.answering(() -> stream.addFact(
                                            "piece",
                                            "service=" + shown(name),
                                            "text=" + text(new String(bytes, StandardCharsets.ISO_8859_1))))));
        } else {
            request.pump()
                    .settled(() -> request.answering(() -> {
                        begin.run();
                        stream.end();
                    }));
        }
    }

    /** The name of the service; the manager has none. */
    private static String shown(String log) {
        return log.equals(LogPump.OWN) ? "" : log;
    }

    private LogPosition end(String log) {
        try {
            return request.pump().reader(log).end();
        } catch (IOException e) {
            return LogPosition.START;
        }
    }

    /**
     * Sends a piece of a log.
     *
     * @param names the service; none: the manager itself
     * @param from a position, {@code last:LINES} before {@code to}, or {@code since:MILLISECONDS} since 1970
     */
    void piece(List<String> names, String from, String to, int most) {
        Optional<List<ServiceName>> service = request.known(names);
        Optional<LogPosition> end = LogPosition.parse(to);
        if (service.isEmpty()) {
            return;
        }
        if (end.isEmpty()) {
            request.fail("no position in a log: " + to, ExitCode.USAGE);
            return;
        }
        String log =
                service.get().isEmpty() ? LogPump.OWN : service.get().getFirst().toString();
        whileOthersGoOn(() -> piece(log, from, end.get(), most));
    }

    private void piece(String log, String from, LogPosition end, int most) {
        try {
            LogReader reader = request.pump().reader(log);
            LogReader.Piece piece = reader.read(start(reader, from, end), end, most);
            request.fact("piece", "text=" + text(piece.text()), "next=" + piece.next(), "modified=" + piece.modified());
            request.exit(ExitCode.OK);
        } catch (IOException e) {
            request.fail(log + ": the log cannot be read: " + e.getMessage(), ExitCode.FAILED);
        } catch (NumberFormatException e) {
            request.fail("no position in a log: " + from, ExitCode.USAGE);
        }
    }

    private static LogPosition start(LogReader reader, String from, LogPosition end) throws IOException {
        if (from.startsWith(LAST)) {
            return reader.before(end, Integer.parseInt(from.substring(LAST.length())));
        }
        if (from.startsWith(SINCE)) {
            return reader.since(Long.parseLong(from.substring(SINCE.length())));
        }
        return LogPosition.parse(from).orElseThrow(() -> new NumberFormatException(from));
    }

    private static String text(String bytes) {
        return bytes.replace('\0', NUL);
    }

    private boolean isReadable(ServiceName service, Supervisor services, boolean follow) {
        if (!request.isThere(service, services)) {
            return false;
        }
        Optional<String> why = whyNoLog(request, service, services, follow);
        why.ifPresent(it -> request.complain(service + ": " + it));
        return why.isEmpty();
    }

    /** Why there is no log to show, by the definition in use or else the one on disk. */
    static Optional<String> whyNoLog(Session request, ServiceName service, Supervisor services, boolean follow) {
        Optional<LogSettings> settings = services.service(service)
                .map(it -> it.life().map(Life::definition).orElse(it.latest()))
                .or(() -> request.directories().find(service).usable())
                .map(Definition::log);
        if (settings.isEmpty()) {
            return Optional.empty(); // what was logged before its directory was broken can still be shown
        }
        if (settings.get().to() == LogSettings.To.FILE && request.isOnConsole()) {
            return Optional.of("there is no log: the service " + ON_CONSOLE);
        }
        return switch (settings.get().to()) {
            case CONSOLE ->
                Optional.of("there is no log: the service writes to the manager's output (log: {to: console})");
            case NONE -> Optional.of("there is no log: the output is discarded (log: {to: none})");
            case FILE ->
                settings.get().direct() && follow
                        ? Optional.of("the service writes its log file itself (log: {direct: true}), which -f cannot"
                                + " follow; use tail -F")
                        : Optional.empty();
        };
    }
}
