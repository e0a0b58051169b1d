package bellhop.terminal;

import bellhop.definition.Quote;
import bellhop.terminal.Look.Colour;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Services in columns: what needs attention first, and below each what there is to say of it. */
final class StatusPage {

    private static final String GAP = "  ";
    private static final int WIDEST_NAME = 32;
    private static final int LEAST_OF_LAST = 9;

    /** A column, in the order in which they are shown. */
    private enum Column {
        NAME("NAME", 0, 0),
        STATE("STATE", 10, 0),
        PID("PID", 7, 0),
        FOR("FOR", 4, 0),
        RESTARTS("RESTARTS", 8, 2),
        MEMORY("MEM", 5, 3),
        PROCESSOR("CPU", 5, 4);

        private final String head;
        private final int width;
        /** Which is left out first if there is no room: the one with the highest number; 0 is never. */
        private final int leftOut;

        Column(String head, int width, int leftOut) {
            this.head = head;
            this.width = width;
            this.leftOut = leftOut;
        }

        boolean isAtTheRight() {
            return compareTo(PID) >= 0;
        }
    }

    private static final String LAST = "WANTED BY";

    private final Look look;
    private final int width;
    private final List<Fact> services;
    private final Map<Integer, Usage> used;
    /** By leader, what was used when it was looked at before, so that a part of a processor can be shown. */
    private final Map<Integer, Usage> usedBefore;

    private final long millisBetween;

    /**
     * A page.
     *
     * @param services facts about them
     * @param used what their processes use, by leader
     * @param usedBefore the same at an earlier look; empty if there was none, then the time of processors is shown
     * @param millisBetween the time between the two looks
     */
    StatusPage(
            Look look,
            List<Fact> services,
            Map<Integer, Usage> used,
            Map<Integer, Usage> usedBefore,
            long millisBetween) {
        this.look = look;
        this.width = look.columns().getAsInt();
        this.services = sorted(services);
        this.used = used;
        this.usedBefore = usedBefore;
        this.millisBetween = millisBetween;
    }

    /** By how much they need attention, then by name. */
    static List<Fact> sorted(List<Fact> services) {
        List<Fact> sorted = new ArrayList<>(services);
        sorted.sort(Comparator.comparingInt(StatusPage::rank).thenComparing(service -> service.text("name")));
        return sorted;
    }

    /** 0 is the worst. */
    private static int rank(Fact service) {
        if (!isWell(service)) {
            return service.text("state").equals("failed") ? 0 : 1;
        }
        return switch (service.text("state")) {
            case "starting", "stopping" -> 2;
            default -> 3;
        };
    }

    /** Whether nothing has gone wrong with it that it has not recovered from. */
    static boolean isWell(Fact service) {
        String state = service.text("state");
        return !state.equals("failed")
                && !state.equals("restarting")
                && !service.text("health").equals("unhealthy");
    }

    /** What the cgroup of each service's incarnation is called if it has one, by the leader of its script. */
    static Map<Integer, String> leaders(List<Fact> services) {
        Map<Integer, String> leaders = new HashMap<>();
        for (Fact service : services) {
            service.number("pid")
                    .ifPresent(pid ->
                            leaders.put((int) pid, service.raw("name").orElse("") + "." + service.text("incarnation")));
        }
        return leaders;
    }

    /** Those in the order of their lines. */
    List<Fact> services() {
        return services;
    }

    /** The heads of the columns. */
    String head() {
        StringBuilder line = new StringBuilder(GAP);
        widths().forEach((column, columnWidth) -> append(line, column, column.head, columnWidth));
        return look.paint(Colour.BOLD, (line + LAST).stripTrailing());
    }

    /** How many there are in each state; empty text for a single one. */
    String summary() {
        if (services.size() < 2) {
            return "";
        }
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Fact service : services) {
            counts.merge(service.text("state"), 1, Integer::sum);
        }
        List<String> parts = new ArrayList<>();
        counts.forEach((state, count) -> parts.add(count + " " + state));
        return look.paint(
                Colour.FAINT, Text.cut(services.size() + " services: " + String.join(", ", parts), width, look));
    }

    /** The line of a service. */
    String line(Fact service) {
        String state = service.text("state");
        StringBuilder line = new StringBuilder();
        line.append(look.paint(colour(service), look.symbol(symbol(state), ascii(state))))
                .append(' ');
        Map<Column, Integer> widths = widths();
        widths.forEach((column, columnWidth) -> {
            String cell = cell(column, service);
            if (column == Column.STATE) {
                line.append(look.paint(colour(service), Text.fit(cell, columnWidth, look)))
                        .append(GAP);
            } else {
                append(line, column, cell, columnWidth);
            }
        });
        String wanted = String.join(
                ",", service.all("wanted").stream().map(Quote::onOneLine).toList());
        return line + Text.cut(wanted.isEmpty() ? "-" : wanted, roomForLast(widths), look);
    }

    /** What there is to say of a service, below its line. */
    List<String> below(Fact service, List<String> lastWords) {
        List<String> lines = new ArrayList<>();
        List<String> said = new ArrayList<>(
                service.all("note").stream().map(Quote::onOneLine).toList());
        service.number("next").ifPresent(millis -> said.add("next try in " + Text.shortTimeInWords(millis)));
        String notes = String.join("; ", said);
        for (String part : Text.wrapped(notes, width - 4)) {
            lines.add("    " + look.paint(isWell(service) ? Colour.FAINT : colour(service), part));
        }
        for (String words : lastWords) {
            lines.add("    " + look.paint(Colour.FAINT, look.symbol("│ ", "| ") + Text.cut(words, width - 6, look)));
        }
        return lines;
    }

    private void append(StringBuilder line, Column column, String text, int columnWidth) {
        line.append(column.isAtTheRight() ? Text.fitRight(text, columnWidth, look) : Text.fit(text, columnWidth, look))
                .append(GAP);
    }

    private String cell(Column column, Fact service) {
        return switch (column) {
            case NAME -> service.text("name");
            case STATE -> service.text("health").equals("unhealthy") ? "unhealthy" : service.text("state");
            case PID -> orDash(service.text("pid"));
            case FOR -> shown(service.number(service.raw("seconds").isPresent() ? "seconds" : "stateSeconds"));
            case RESTARTS -> service.text("restarts").equals("0") ? "-" : orDash(service.text("restarts"));
            case MEMORY -> memory(usage(used, service));
            case PROCESSOR -> processor(service);
        };
    }

    private static @Nullable Usage usage(Map<Integer, Usage> by, Fact service) {
        return by.get((int) service.number("pid").orElse(0));
    }

    private static String memory(@Nullable Usage usage) {
        return usage == null ? "-" : Text.bytes(usage.bytes());
    }

    private String processor(Fact service) {
        Usage now = usage(used, service);
        if (now == null) {
            return "-";
        }
        if (usedBefore.isEmpty()) {
            return Text.shortTime(now.millis());
        }
        Usage before = usage(usedBefore, service);
        return before == null ? "-" : Math.round(100.0 * (now.millis() - before.millis()) / millisBetween) + "%";
    }

    private static String shown(OptionalLong seconds) {
        return seconds.isPresent() ? Text.time(seconds.getAsLong()) : "-";
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    /** The columns that there is room for, with their widths. */
    private Map<Column, Integer> widths() {
        Map<Column, Integer> widths = new LinkedHashMap<>();
        int name = "NAME".length();
        for (Fact service : services) {
            name = Math.max(name, Text.width(service.text("name")));
        }
        for (Column column : Column.values()) {
            widths.put(column, column == Column.NAME ? Math.min(name, WIDEST_NAME) : column.width);
        }
        for (int leftOut = Column.values().length; leftOut > 0 && roomForLast(widths) < LEAST_OF_LAST; leftOut--) {
            int next = leftOut;
            widths.keySet().removeIf(column -> column.leftOut == next);
        }
        if (roomForLast(widths) < LEAST_OF_LAST) {
            widths.computeIfPresent(Column.NAME, (_, wide) -> Math.max(8, wide - LEAST_OF_LAST + roomForLast(widths)));
        }
        return widths;
    }

    private int roomForLast(Map<Column, Integer> widths) {
        int taken = GAP.length();
        for (int columnWidth : widths.values()) {
            taken += columnWidth + GAP.length();
        }
        return width - taken;
    }

    /** The colour of a service's state. */
    static Colour colour(Fact service) {
        if (service.text("health").equals("unhealthy")) {
            return Colour.BAD;
        }
        return switch (service.text("state")) {
            case "started", "finished" -> Colour.GOOD;
            case "failed" -> Colour.BAD;
            case "stopped" -> Colour.FAINT;
            default -> Colour.BUSY;
        };
    }

    private static String symbol(String state) {
        return switch (state) {
            case "started" -> "●";
            case "finished" -> "✔";
            case "failed" -> "✖";
            case "stopped" -> "○";
            case "stopping" -> "◌";
            default -> "◐";
        };
    }

    private static String ascii(String state) {
        return switch (state) {
            case "started" -> "*";
            case "finished" -> "+";
            case "failed" -> "!";
            case "stopped" -> "-";
            default -> "~";
        };
    }
}
