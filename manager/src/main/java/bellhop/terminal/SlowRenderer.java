package bellhop.terminal;

import bellhop.terminal.Look.Colour;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the last boot waited for, as bars; or as JSON. */
final class SlowRenderer implements Renderer {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final String MANAGER = "(manager)";
    private static final String GAP = "  ";
    private static final int WIDEST_NAME = 32;
    private static final int WIDEST_BAR = 60;
    private static final int NARROWEST_BAR = 10;
    private static final int TIME_COLUMN = 8;
    /** Of how many that did not determine the time it is said how long they took. */
    private static final int MOST_OTHERS = 10;

    private static final int FAILED = 1;

    private final Pen pen;
    private final boolean json;
    private final ZonedDateTime now;
    private final List<Fact> events = new ArrayList<>();

    /** One that has drawn nothing; {@code now} has the zone in which times are shown. */
    SlowRenderer(Fact options, Pen pen, ZonedDateTime now) {
        this.pen = pen;
        this.json = options.is("json");
        this.now = now;
    }

    @Override
    public void take(Fact fact) {
        if (fact.kind().equals("event")) {
            events.add(fact);
        }
    }

    @Override
    public int end(int status) {
        if (status != 0) {
            return status;
        }
        Optional<BootTimes> boot = BootTimes.of(events);
        if (boot.isEmpty()) {
            pen.complain("bh-slow: the events of the boot are no longer recorded: newer ones have taken their place");
            return FAILED;
        }
        if (json) {
            pen.line(json(boot.get()));
        } else {
            draw(boot.get());
        }
        return status;
    }

    private void draw(BootTimes boot) {
        Look look = pen.look();
        String when = TIME.format(Instant.ofEpochMilli(boot.start()).atZone(now.getZone()));
        if (boot.parts().isEmpty()) {
            pen.line("No service was started with the manager, which was started at " + when + ".");
            return;
        }
        List<BootTimes.Section> path = boot.criticalPath();
        if (!path.isEmpty()) {
            String text = "The boot at " + when + " took " + boot.millis() + " ms, until "
                    + path.getLast().service() + " was "
                    + state(boot, path.getLast().service()) + ". "
                    + boot.parts().size() + (boot.parts().size() == 1 ? " service" : " services")
                    + " began with the manager. It waited for:";
            Text.wrapped(text, look.columns().getAsInt()).forEach(pen::line);
            drawPath(boot, path);
        }
        drawOthers(boot, path);
        if (!boot.pending().isEmpty()) {
            String names = boot.pending().stream().map(BootTimes.Part::service).collect(Collectors.joining(", "));
            pen.line(look.paint(Colour.BUSY, "Not up yet: " + names));
        }
    }

    private static String state(BootTimes boot, String service) {
        return boot.parts().stream()
                .filter(part -> part.service().equals(service))
                .map(BootTimes.Part::state)
                .findFirst()
                .orElse("");
    }

    /** The longest first; where its bar stands says when it was. */
    private void drawPath(BootTimes boot, List<BootTimes.Section> path) {
        Look look = pen.look();
        int nameWidth = MANAGER.length();
        for (BootTimes.Section section : path) {
            nameWidth = Math.min(WIDEST_NAME, Math.max(nameWidth, Text.width(section.service())));
        }
        int columns = look.columns().getAsInt();
        int room = columns - nameWidth - TIME_COLUMN - 2 * GAP.length() - " ms".length() - 1;
        int width = Math.clamp(room, NARROWEST_BAR, WIDEST_BAR);
        List<BootTimes.Section> longestFirst = new ArrayList<>(path);
        longestFirst.sort(Comparator.comparingLong(BootTimes.Section::millis).reversed());
        for (BootTimes.Section section : longestFirst) {
            boolean isManager = section.service().isEmpty();
            boolean hasFailed = !isManager && state(boot, section.service()).equals("failed");
            Colour colour = hasFailed ? Colour.BAD : isManager ? Colour.FAINT : Colour.GOOD;
            pen.line(Text.fit(isManager ? MANAGER : section.service(), nameWidth, look) + GAP
                    + Text.fitRight(Long.toString(section.millis()), TIME_COLUMN, look) + " ms" + GAP
                    + bar(section, boot.millis(), width, colour));
        }
    }

    /** To the eighth of a column if there are symbols for that. */
    private String bar(BootTimes.Section section, long all, int width, Colour colour) {
        Look look = pen.look();
        long total = Math.max(1, all);
        int from = (int) (section.from() * width / total);
        if (!look.symbols()) {
            int until = (int) Math.ceilDiv(section.until() * width, total);
            return " ".repeat(from) + look.paint(colour, "#".repeat(Math.max(1, until - from)));
        }
        long eighths = section.until() * width * 8 / total - from * 8L;
        String part =
                String.valueOf("\u258f\u258e\u258d\u258c\u258b\u258a\u2589".charAt((int) Math.max(0, eighths % 8 - 1)));
        String blocks = "\u2588".repeat((int) (eighths / 8)) + (eighths % 8 == 0 && eighths > 0 ? "" : part);
        return " ".repeat(from) + look.paint(colour, blocks);
    }

    private void drawOthers(BootTimes boot, List<BootTimes.Section> path) {
        Set<String> shown = path.stream().map(BootTimes.Section::service).collect(Collectors.toSet());
        List<BootTimes.Part> others = boot.parts().stream()
                .filter(part -> !shown.contains(part.service()) && part.ended().isPresent())
                .sorted(Comparator.comparingLong((BootTimes.Part part) -> own(boot, part))
                        .reversed())
                .limit(MOST_OTHERS)
                .toList();
        if (others.isEmpty()) {
            return;
        }
        pen.line("Others, by the time that they took themselves:");
        for (BootTimes.Part part : others) {
            long waited = part.ended().getAsLong() - part.began() - own(boot, part);
            pen.line(GAP + Text.fitRight(Long.toString(own(boot, part)), TIME_COLUMN, pen.look()) + " ms  "
                    + part.service()
                    + (waited > 0 ? pen.look().paint(Colour.FAINT, " after waiting for " + waited + " ms") : "")
                    + (part.state().equals("failed") ? pen.look().paint(Colour.BAD, " failed") : ""));
        }
    }

    /** How long it took once it had nothing more to wait for. */
    private static long own(BootTimes boot, BootTimes.Part part) {
        long from = boot.waitedForLast(part, Set.of())
                .map(it -> it.ended().getAsLong())
                .orElse(part.began());
        return part.ended().orElse(from) - from;
    }

    private static String json(BootTimes boot) {
        List<String> path = boot.criticalPath().stream()
                .map(section -> new JsonText()
                        .text("service", section.service())
                        .value("from", Long.toString(section.from()))
                        .value("until", Long.toString(section.until()))
                        .toString())
                .toList();
        List<String> services = boot.parts().stream()
                .map(part -> new JsonText()
                        .text("service", part.service())
                        .text("state", part.state())
                        .value("began", Long.toString(part.began()))
                        .value(
                                "ended",
                                part.ended().isPresent()
                                        ? Long.toString(part.ended().getAsLong())
                                        : "null")
                        .value("own", part.ended().isPresent() ? Long.toString(own(boot, part)) : "null")
                        .list("waitedFor", part.waitedFor())
                        .toString())
                .toList();
        return new JsonText()
                .text("time", Instant.ofEpochMilli(boot.start()).toString())
                .value("millis", Long.toString(boot.millis()))
                .value("criticalPath", "[" + String.join(",", path) + "]")
                .value("services", "[" + String.join(",", services) + "]")
                .toString();
    }
}
