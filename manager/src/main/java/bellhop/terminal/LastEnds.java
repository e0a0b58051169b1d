package bellhop.terminal;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What became of a service before: its last ends, with what its log said then, and who changed it last.
 *
 * @param ends the latest first
 * @param change the last event that somebody, or something outside of the service, has caused; empty if none is known
 */
record LastEnds(List<LastEnd> ends, Optional<Fact> change) {

    /** Of how many lines of the log those of the ends are taken. */
    private static final String LOG_LINES = "500";

    private static final int LINES_OF_AN_END = 2;

    /** How the causes of events begin that are none of the service's own. */
    private static final List<String> OUTSIDE = List.of(
            "by request",
            "autostart",
            "enabled",
            "required by ",
            "released by ",
            "no longer required",
            "everything is being stopped");

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter DAY_AND_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    /**
     * One end.
     *
     * @param millis since 1970-01-01 00:00 UTC
     * @param state the word of the service's state then
     * @param what what happened
     * @param log the last lines that were logged before it
     */
    record LastEnd(long millis, String state, String what, List<String> log) {
        String time() {
            return shown(millis);
        }
    }

    /** A line of a log with the time in front of it. */
    private record Stamped(long millis, String line) {}

    /**
     * Asks for them.
     *
     * @throws IOException if no manager answers
     */
    static LastEnds of(String service, Asker asker, int most) throws IOException {
        List<Fact> events = new ArrayList<>();
        var _ = asker.ask(List.of("events", service), (Fact fact) -> {
            if (fact.kind().equals("event")
                    && fact.raw("service").filter(service::equals).isPresent()) {
                events.addFirst(fact);
            }
        });
        List<Stamped> log =
                stamped(asker.ask(List.of("logs", "-n", LOG_LINES, service)).out());
        List<LastEnd> ends = new ArrayList<>();
        for (int i = 0; i < events.size() && ends.size() < most; i++) {
            Fact event = events.get(i);
            if (isEnd(event)) {
                long millis = event.number("millis").orElse(0);
                long began = began(events.subList(i + 1, events.size()));
                ends.add(new LastEnd(millis, event.text("state"), what(event), between(began, millis, log)));
            }
        }
        Optional<Fact> change = events.stream()
                .filter(event -> event.text("state").equals("starting")
                        || event.text("state").equals("stopping"))
                .filter(event -> isFromOutside(event.text("cause")))
                .findFirst();
        return new LastEnds(ends, change);
    }

    /** Whether a service was changed by somebody, or something, and not by what became of its own scripts. */
    private static boolean isFromOutside(String cause) {
        return OUTSIDE.stream().anyMatch(cause::startsWith);
    }

    /** A script that ended, or a stop that is over; not each step on the way. */
    private static boolean isEnd(Fact event) {
        return switch (event.text("state")) {
            case "failed", "finished", "restarting" -> !event.text("detail").isEmpty();
            case "stopped" -> true;
            default -> false;
        };
    }

    private static String what(Fact event) {
        String detail = event.text("detail");
        String what = detail.isEmpty() ? event.text("state") : detail;
        return event.text("who").isEmpty() ? what : what + " (" + event.text("words") + ", " + event.text("who") + ")";
    }

    /** When what ended had been begun. */
    private static long began(List<Fact> before) {
        return before.stream()
                .filter(event -> event.text("state").equals("starting"))
                .findFirst()
                .map(event -> event.number("millis").orElse(0))
                .orElse(0L);
    }

    /** The last lines that were written meanwhile. */
    private static List<String> between(long began, long ended, List<Stamped> log) {
        List<String> lines = new ArrayList<>();
        for (int i = log.size() - 1; i >= 0 && lines.size() < LINES_OF_AN_END; i--) {
            if (log.get(i).millis >= began && log.get(i).millis <= ended + 1) {
                lines.addFirst(log.get(i).line);
            }
        }
        return lines;
    }

    /** Those lines that have a time in front of them. */
    private static List<Stamped> stamped(List<String> lines) {
        List<Stamped> stamped = new ArrayList<>();
        for (String line : lines) {
            int blank = line.indexOf(' ');
            try {
                if (blank > 0) {
                    stamped.add(new Stamped(
                            Instant.parse(line.substring(0, blank)).toEpochMilli(), line.substring(blank + 1)));
                }
            } catch (DateTimeException e) {
                // a service whose log has no times: nobody can say which end a line belongs to
            }
        }
        return stamped;
    }

    /** A time of today by the clock alone, another with its day; in the zone of whoever looks. */
    static String shown(long millis) {
        var time = Instant.ofEpochMilli(millis).atZone(ZoneId.systemDefault());
        return (time.toLocalDate().equals(LocalDate.now(ZoneId.systemDefault())) ? TIME : DAY_AND_TIME).format(time);
    }

    /** Who or what changed it last, as a sentence. */
    Optional<String> begun() {
        return change.map(event -> "It was told to "
                + (event.text("state").equals("starting") ? "start" : "stop")
                + " at " + shown(event.number("millis").orElse(0))
                + ": "
                + EventsRenderer.cause(event)
                + ".");
    }

    /** The change as an object, or {@code null}. */
    String changeAsJson() {
        return change.map(event -> new JsonText()
                        .text("time", utc(event.number("millis").orElse(0)))
                        .text("state", event.text("state"))
                        .text("cause", event.raw("cause").orElse(""))
                        .text("who", event.raw("who").orElse(""))
                        .text("words", event.raw("words").orElse(""))
                        .toString())
                .orElse("null");
    }

    List<JsonText> endsAsJson() {
        return ends.stream()
                .map(end -> new JsonText()
                        .text("time", utc(end.millis))
                        .text("state", end.state)
                        .text("what", end.what)
                        .list("log", end.log))
                .toList();
    }

    private static String utc(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
