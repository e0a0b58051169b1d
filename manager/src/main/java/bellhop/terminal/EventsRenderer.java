package bellhop.terminal;

import bellhop.definition.Quote;
import bellhop.terminal.Look.Colour;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Events, a line each, the oldest first; or as JSON. */
final class EventsRenderer implements Renderer {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
    private static final DateTimeFormatter DATE = DateTimeFormatter.ISO_LOCAL_DATE;
    private static final String GAP = "  ";
    private static final String MANAGER = "(manager)";
    private static final int WIDEST_NAME = 32;
    private static final int STATE = 10;
    private static final int INCARNATION = 11;
    /** Whoever has less has no column of incarnations. */
    private static final int WIDE = 110;

    private static final int LEAST_OF_CAUSE = 24;

    private final Pen pen;
    private final boolean json;
    private final boolean follow;
    private final Instant since;
    private final ZonedDateTime now;
    private final List<Fact> waiting = new ArrayList<>();
    private int widestName = MANAGER.length();
    private boolean live;
    private boolean hasHead;
    private LocalDate day;

    /**
     * One that has drawn nothing.
     *
     * @param now the present, in the zone in which times are shown
     * @throws RefusedOptionException if {@code since} is no point in time
     */
    EventsRenderer(Fact options, Pen pen, ZonedDateTime now) {
        this.pen = pen;
        this.json = options.is("json");
        this.follow = options.is("follow");
        this.now = now;
        this.day = now.toLocalDate();
        Optional<String> text = options.raw("since");
        this.since = text.isEmpty()
                ? Instant.MIN
                : PointInTime.parse(text.get(), now)
                        .orElseThrow(() -> new RefusedOptionException("events: --since: " + Quote.of(text.get())
                                + " is no time; expected " + PointInTime.EXPECTED));
    }

    @Override
    public void take(Fact fact) {
        if (fact.kind().equals("live")) {
            live = follow;
            drawWaiting();
        } else if (!Instant.ofEpochMilli(fact.number("millis").orElse(0)).isBefore(since)) {
            waiting.add(fact);
            if (live) {
                drawWaiting();
            }
        }
    }

    @Override
    public int end(int status) {
        drawWaiting();
        return status;
    }

    private void drawWaiting() {
        for (Fact event : waiting) {
            widestName = Math.min(WIDEST_NAME, Math.max(widestName, Text.width(name(event))));
        }
        for (Fact event : waiting) {
            if (json) {
                pen.line(json(event));
            } else {
                draw(event);
            }
        }
        waiting.clear();
        pen.flush();
    }

    private static String name(Fact event) {
        String name = event.text("service");
        return name.isEmpty() ? MANAGER : name;
    }

    private void draw(Fact event) {
        Look look = pen.look();
        boolean isWide = look.columns().getAsInt() >= WIDE;
        if (!hasHead) {
            hasHead = true;
            pen.line(look.paint(Colour.BOLD, head(isWide)));
        }
        ZonedDateTime time =
                Instant.ofEpochMilli(event.number("millis").orElse(0)).atZone(now.getZone());
        String shown = TIME.format(time);
        if (!look.terminal()) {
            shown = DATE.format(time) + " " + shown; // each line can be understood without the others
        } else if (!time.toLocalDate().equals(day)) {
            day = time.toLocalDate();
            pen.line(look.paint(Colour.FAINT, DATE.format(day)));
        }
        String state = event.text("state");
        String columns = Text.fit(name(event), widestName, look)
                + GAP
                + (isWide ? Text.fitRight(orDash(event.text("incarnation")), INCARNATION, look) + GAP : "");
        int indent = shown.length() + GAP.length() + Text.width(columns) + STATE + GAP.length();
        int room = Math.max(LEAST_OF_CAUSE, look.columns().getAsInt() - indent);
        List<String> lines = Text.wrapped(cause(event), room);
        String first = lines.isEmpty() ? "" : lines.getFirst();
        pen.line((look.paint(Colour.FAINT, shown)
                        + GAP
                        + columns
                        + look.paint(colour(state), Text.fit(state, STATE, look))
                        + GAP
                        + first)
                .stripTrailing());
        for (int i = 1; i < lines.size(); i++) {
            pen.line(" ".repeat(indent) + lines.get(i));
        }
    }

    private String head(boolean isWide) {
        Look look = pen.look();
        int time = look.terminal() ? "HH:mm:ss.SSS".length() : "YYYY-MM-DD HH:mm:ss.SSS".length();
        return Text.fit("TIME", time, look) + GAP + Text.fit("NAME", widestName, look) + GAP
                + (isWide ? Text.fitRight("INCARNATION", INCARNATION, look) + GAP : "")
                + Text.fit("STATE", STATE, look) + GAP + "CAUSE";
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    /** What happened, why, and who asked. */
    static String cause(Fact event) {
        String words = event.text("words");
        String cause = event.text("cause");
        String detail = event.text("detail");
        boolean isRequest = cause.equals("by request") || (cause.isEmpty() && !words.isEmpty());
        List<String> parts = new ArrayList<>();
        if (!detail.isEmpty() && !detail.equals(cause)) {
            parts.add(detail);
        }
        if (isRequest && !words.isEmpty()) {
            parts.add(words);
        } else if (!cause.isEmpty()) {
            parts.add(cause);
        }
        List<String> asked = new ArrayList<>();
        if (!isRequest && !words.isEmpty()) {
            asked.add(words);
        }
        if (!event.text("who").isEmpty()) {
            asked.add(event.text("who"));
        }
        return String.join("; ", parts) + (asked.isEmpty() ? "" : " (" + String.join(", ", asked) + ")");
    }

    static Colour colour(String state) {
        return switch (state) {
            case "started", "finished" -> Colour.GOOD;
            case "failed" -> Colour.BAD;
            case "starting", "restarting", "stopping", "adopting", "upgrading" -> Colour.BUSY;
            default -> Colour.NONE;
        };
    }

    private static String json(Fact event) {
        long millis = event.number("millis").orElse(0);
        return new JsonText()
                .text("time", Instant.ofEpochMilli(millis).toString())
                .text("service", raw(event, "service"))
                .value("incarnation", event.raw("incarnation").orElse("null"))
                .text("state", raw(event, "state"))
                .text("detail", raw(event, "detail"))
                .text("cause", raw(event, "cause"))
                .text("who", raw(event, "who"))
                .text("words", raw(event, "words"))
                .list("requires", event.all("requires"))
                .toString();
    }

    private static String raw(Fact event, String key) {
        return event.raw(key).orElse("");
    }
}
