package bellhop.terminal;

import bellhop.terminal.Look.Colour;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * Services in columns, drawn again and again until {@code q} is pressed: {@code bh status --watch}, and with a line to
 * move and keys that do something {@code bh top}.
 */
final class LiveStatus implements Renderer {

    private static final int NO_TERMINAL = 1;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final long MILLIS_BETWEEN_ANSWERS = 50;
    private static final int CONTROL_C = 3;
    private static final int BACKSPACE = 0x7f;
    private static final String KEYS = "up/down select   / filter   l log   s start   x stop   r restart   q quit";

    private final Asker asker;
    private final Pen pen;
    private final Opener opener;
    private final boolean hasKeys;
    private final long interval;
    private final List<String> names;

    private List<Fact> services = new ArrayList<>();
    private Map<Integer, Usage> used = Map.of();
    private Map<Integer, Usage> usedBefore = Map.of();
    private long looked = System.nanoTime();
    private long lookedBefore;

    private String selected = "";
    private int firstShown;
    private String filter = "";
    private Mode mode = Mode.LIST;
    private List<String> log = List.of();
    /** What came of the last key; written by the thread that waits for a manager's answer. */
    private volatile String message = "";

    private String messageShown = "";
    private final AtomicInteger pending = new AtomicInteger();

    private enum Mode {
        LIST,
        FILTER,
        LOG,
        CONFIRM_STOP,
        CONFIRM_RESTART
    }

    /** Takes a terminal to draw on. */
    @FunctionalInterface
    interface Opener {
        Screen open() throws IOException;
    }

    /**
     * Draws.
     *
     * @param options {@code millis}, the time between two looks; {@code keys=yes}; {@code only}, the services to show,
     *     all if there is none
     */
    LiveStatus(Fact options, Asker asker, Pen pen) {
        this(options, asker, pen, () -> new Screen(OwnTerminal.open()));
    }

    LiveStatus(Fact options, Asker asker, Pen pen, Opener opener) {
        this.asker = asker;
        this.pen = pen;
        this.opener = opener;
        this.hasKeys = options.is("keys");
        this.interval = options.number("millis").orElse(2000);
        this.names = options.all("only");
    }

    @Override
    public void take(Fact fact) {
        services.add(fact);
    }

    @Override
    public int end(int status) throws IOException {
        if (!pen.look().moves()) {
            pen.complain((hasKeys ? "bh-top: " : "bh-status: --watch: ")
                    + "expected a terminal that can be drawn over as standard output, and a TERM that says so");
            return NO_TERMINAL;
        }
        try (Screen screen = opener.open()) {
            measure();
            while (true) {
                screen.show(lines(screen));
                long left = interval - (System.nanoTime() - looked) / NANOS_PER_MILLI;
                int key = screen.key(isAnswerDue() ? Math.min(left, MILLIS_BETWEEN_ANSWERS) : left);
                if (key == Screen.GONE || key == CONTROL_C) {
                    return 0;
                }
                if (key != Screen.NONE && !pressed(key)) {
                    return 0;
                }
                if (interval <= (System.nanoTime() - looked) / NANOS_PER_MILLI) {
                    look(screen);
                }
            }
        }
    }

    private boolean isAnswerDue() {
        return pending.get() > 0 || !message.equals(messageShown);
    }

    private void look(Screen screen) throws IOException {
        if (mode == Mode.LOG) {
            log = lastLines(screen.rows() - 2);
        }
        List<String> words = new ArrayList<>(List.of("status"));
        words.addAll(names);
        List<Fact> now = new ArrayList<>();
        var _ = asker.ask(words, (Fact fact) -> {
            if (fact.kind().equals("service")) {
                now.add(fact);
            }
        });
        services = now;
        measure();
    }

    private void measure() {
        usedBefore = used;
        lookedBefore = looked;
        used = Usage.of(StatusPage.leaders(services));
        looked = System.nanoTime();
    }

    private List<String> lastLines(int count) throws IOException {
        return asker.ask(List.of("logs", "-n", Integer.toString(Math.max(1, count)), selected))
                .out();
    }

    // What is shown.

    private List<String> lines(Screen screen) {
        int columns = screen.columns();
        int rows = screen.rows();
        Look look = resized(columns, rows);
        List<String> lines = new ArrayList<>();
        messageShown = message;
        if (mode == Mode.LOG) {
            lines.add(look.paint(Colour.BOLD, selected));
            log.stream().skip(Math.max(0, log.size() - rows + 2)).forEach(lines::add);
            fill(lines, rows - 1);
            lines.add(look.paint(Colour.FAINT, "q back"));
            return lines;
        }
        StatusPage page =
                new StatusPage(look, shown(), used, usedBefore, Math.max(1, (looked - lookedBefore) / NANOS_PER_MILLI));
        lines.add(page.head());
        int room = rows - (hasKeys ? 3 : 2);
        List<String> body = new ArrayList<>();
        int at = 0;
        for (Fact service : page.services()) {
            boolean isSelected = hasKeys && isSelected(service);
            if (isSelected) {
                at = body.size();
            }
            String line = page.line(service);
            body.add(isSelected ? look.paint(Colour.SELECTED, plain(line)) : line);
            if (!StatusPage.isWell(service)) {
                body.addAll(page.below(service, List.of()));
            }
        }
        firstShown = Math.clamp(firstShown, Math.max(0, at - room + 1), Math.max(0, at));
        body.stream().skip(firstShown).limit(room).forEach(lines::add);
        fill(lines, room + 1);
        lines.add(page.summary());
        if (hasKeys) {
            lines.add(look.paint(Colour.FAINT, Text.cut(lastLine(), columns, look)));
        }
        return lines;
    }

    private Look resized(int columns, int rows) {
        Look look = pen.look();
        IntSupplier width = () -> columns;
        IntSupplier height = () -> rows;
        return new Look(look.terminal(), look.moves(), look.colours(), look.symbols(), width, height);
    }

    private static void fill(List<String> lines, int count) {
        while (lines.size() < count) {
            lines.add("");
        }
    }

    private static String plain(String line) {
        return line.replaceAll("\u001b\\[[0-9;]*m", "");
    }

    private String lastLine() {
        return switch (mode) {
            case FILTER -> "filter: " + filter + "_";
            case CONFIRM_STOP -> "stop " + selected + "? y/n";
            case CONFIRM_RESTART -> "restart " + selected + "? y/n";
            case LIST, LOG -> messageShown.isEmpty() ? KEYS : messageShown;
        };
    }

    private List<Fact> shown() {
        return services.stream()
                .filter(service -> service.text("name").contains(filter))
                .toList();
    }

    private boolean isSelected(Fact service) {
        if (selected.isEmpty()) {
            selected = service.raw("name").orElse("");
        }
        return service.raw("name").orElse("").equals(selected);
    }

    // What is pressed.

    /** Returns whether to go on. */
    private boolean pressed(int key) throws IOException {
        if (!hasKeys) {
            return key != 'q';
        }
        switch (mode) {
            case LIST -> {
                message = "";
                return pressedInList(key);
            }
            case FILTER -> pressedInFilter(key);
            case LOG -> mode = key == 'q' || key == Screen.ESCAPE || key == 'l' ? Mode.LIST : Mode.LOG;
            case CONFIRM_STOP, CONFIRM_RESTART -> {
                if (key == 'y') {
                    act(mode == Mode.CONFIRM_STOP ? "stop" : "restart");
                }
                mode = Mode.LIST;
            }
        }
        return true;
    }

    private boolean pressedInList(int key) throws IOException {
        switch (key) {
            case Screen.UP, 'k' -> move(-1);
            case Screen.DOWN, 'j' -> move(1);
            case Screen.PAGE_UP -> move(-10);
            case Screen.PAGE_DOWN -> move(10);
            case '/' -> mode = Mode.FILTER;
            case 's' -> act("start");
            case 'x' -> mode = selected.isEmpty() ? Mode.LIST : Mode.CONFIRM_STOP;
            case 'r' -> mode = selected.isEmpty() ? Mode.LIST : Mode.CONFIRM_RESTART;
            case 'l', '\r', '\n' -> {
                if (!selected.isEmpty()) {
                    log = lastLines(pen.look().rows().getAsInt() - 2);
                    mode = Mode.LOG;
                }
            }
            case Screen.ESCAPE -> filter = "";
            default -> {
                return key != 'q';
            }
        }
        return true;
    }

    private void pressedInFilter(int key) {
        switch (key) {
            case '\r', '\n' -> mode = Mode.LIST;
            case Screen.ESCAPE -> {
                filter = "";
                mode = Mode.LIST;
            }
            case BACKSPACE, '\b' -> filter = filter.isEmpty() ? "" : filter.substring(0, filter.length() - 1);
            default -> filter += key > ' ' && key < Screen.UP ? Character.toString(key) : "";
        }
        selectVisible();
    }

    private void move(int by) {
        List<String> all = StatusPage.sorted(shown()).stream()
                .map(service -> service.raw("name").orElse(""))
                .toList();
        if (!all.isEmpty()) {
            selected = all.get(Math.clamp(all.indexOf(selected) + by, 0, all.size() - 1));
        }
    }

    private void selectVisible() {
        if (shown().stream().noneMatch(this::isSelected)) {
            selected = "";
        }
    }

    /** Asked on a thread of its own: an answer takes as long as the service does. */
    private void act(String verb) {
        if (selected.isEmpty()) {
            return;
        }
        String name = selected;
        message = verb + " " + name + " ...";
        pending.incrementAndGet();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                Asker.Said said = asker.ask(List.of(verb, name));
                message = said.err().isEmpty()
                        ? verb + " " + name + ": done"
                        : said.err().getFirst();
            } catch (IOException e) {
                message = verb + " " + name + ": " + e.getMessage();
            } finally {
                pending.decrementAndGet();
            }
        });
    }
}
