package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Paper;
import bellhop.image.DrawnTerminal.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Verifies that the pictures in the pages are what {@code bh} draws on a terminal of 80 columns, but for numbers of
 * processes, times and what processes use.
 * {@code -Dgenerate=true} draws them again.
 */
@Timeout(120)
class PicturesIT {

    private static final int SERVICES = 7;
    private static final int MOST_BYTES = 20_000;
    private static final String KEYS_AT_THE_END = "q quit";

    /** What is different each time in sentences, and what is drawn instead. */
    private static final Map<Pattern, String> SETTLED = new LinkedHashMap<>();

    static {
        SETTLED.put(Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:]{8}\\.\\d+Z"), "2026-01-05T07:02:11.480Z");
        SETTLED.put(Pattern.compile("\\b\\d\\d:\\d\\d:\\d\\d\\b"), "07:02:11");
        SETTLED.put(Pattern.compile("(?<=next try (comes )?in )[0-9a-z. ]*[0-9a-z]"), "8 min");
        SETTLED.put(Pattern.compile("(?<=after )\\d+\\.\\d s"), "1.4 s");
        SETTLED.put(Pattern.compile("(?<=(?:failed|restarting|finished) {8,12}-  ).{4}(?=  )"), "  2m");
        SETTLED.put(Pattern.compile("(?<=pid )\\d+"), "1207");
        SETTLED.put(Pattern.compile("(?<=uid )\\d+"), "0");
    }

    /** From the process to the processor, of a service that is running and was never restarted. */
    private static final Pattern COLUMNS = Pattern.compile("(?<=started {5}).{7}  .{4} {9}-  .{5}  .{5}(?=  )");

    /** What stands there instead. */
    private record Figures(String process, String time, String memory, String processor, String part) {
        String columns(boolean isWatched) {
            return "%7s  %4s  %8s  %5s  %5s".formatted(process, time, "-", memory, isWatched ? part : processor);
        }
    }

    private static final Map<String, Figures> FIGURES = Map.of(
            "cache", new Figures("1189", "3d", "9.6M", "41s", "0%"),
            "database", new Figures("1181", "3d", "84.2M", "12m", "2%"),
            "getty@tty1", new Figures("1174", "3d", "1.1M", "0.0s", "0%"),
            "web", new Figures("1192", "3d", "46.1M", "6m", "1%"));

    @Test
    void picturesAreWhatIsDrawn() throws Exception {
        try (ImageManager manager = new ImageManager()) {
            services(manager);
            manager.run("bh-start", "web", "getty@tty1", "mailer", "batch").succeeds();
            manager.run("bh-start", "metrics").exits(1);
            for (var service : Map.of("mailer", "restarting", "batch", "finished", "metrics", "failed")
                    .entrySet()) {
                Await.until(service.toString(), () -> service.getValue().equals(manager.state(service.getKey())));
            }

            is("status", "The services in columns, those that need attention first", typed(manager, "bh status"));
            is("why", "Why a service is being restarted", typed(manager, "bh why mailer"));
            is("tree", "Which services hold which", typed(manager, "bh tree"));
            is("top", "The services in columns, with one selected and the keys below them", top(manager));
        }
    }

    private static void services(ImageManager manager) throws Exception {
        String forever = "exec sleep 1000";
        manager.script("database", "run", forever)
                .script("cache", "run", forever)
                .script("web", "pre", "exec bh-require cache")
                .script("web", "run", forever)
                .script("web", "post", "exec bh-release cache")
                .yaml("web", "requires: [database]")
                .script("getty", "run", forever)
                .yaml("getty", "template: true")
                .script(
                        "mailer",
                        "run",
                        manager.logged("mailer", "cannot connect to mail.example.org port 25"),
                        "exit 1")
                .yaml("mailer", "requires: [database]", "restart_delay: 10m")
                .script("batch", "run", "echo 128 orders sent")
                .yaml("batch", "restart: on-failure")
                .script("metrics", "pre", manager.logged("metrics", "there is no metrics.conf"), "exit 1")
                .script("metrics", "run", forever)
                .yaml("metrics", "restart: no")
                .with("PATH", ImageManager.IMAGE.resolve("bin") + ":" + System.getenv("PATH"))
                .with("TERM", "xterm-256color")
                .with("LANG", "C.UTF-8")
                .with("LC_ALL", "C.UTF-8")
                .with("NO_COLOR", "")
                .with("TZ", "UTC")
                .start();
    }

    /** What is seen after a command was typed that ends by itself. */
    private static List<Line> typed(ImageManager manager, String command) throws Exception {
        String sent = manager.run(Programs.needed("script", "bsdutils"), "-qec", AtTerminal.wide(command), "/dev/null")
                .succeeds()
                .out();
        return DrawnTerminal.after("$ " + command + "\r\n" + sent);
    }

    /** What is seen once the last service was selected, and no key had anything to say. */
    private static List<Line> top(ImageManager manager) throws Exception {
        try (AtTerminal terminal = new AtTerminal(manager, "bh top")) {
            awaitDrawn(terminal, "metrics");
            terminal.type("j".repeat(SERVICES - 1));
            List<Line> drawn = awaitDrawn(terminal, "web");
            terminal.type("q");
            assertThat(terminal.awaitEnd()).isZero();
            return drawn;
        }
    }

    /** Waits until all lines are drawn, and that of this service is selected. */
    private static List<Line> awaitDrawn(AtTerminal terminal, String selected) throws IOException {
        AtomicReference<List<Line>> drawn = new AtomicReference<>(List.of());
        Await.until(() -> selected + " is selected in " + drawn.get(), () -> {
            drawn.set(DrawnTerminal.after(terminal.sent()));
            List<Line> inverse = drawn.get().stream()
                    .filter(line ->
                            line.cells().stream().anyMatch(cell -> cell.style().isInverse()))
                    .toList();
            return drawn.get().size() == DrawnTerminal.ROWS
                    && drawn.get().getLast().text().endsWith(KEYS_AT_THE_END)
                    && inverse.size() == 1
                    && inverse.getFirst().isInverse()
                    && inverse.getFirst().text().contains(" " + selected + " ");
        });
        return drawn.get();
    }

    private static void is(String name, String title, List<Line> lines) throws IOException {
        List<Line> settled =
                lines.stream().map(line -> settled(line, name.equals("top"))).toList();
        String picture = Picture.of("bh " + name + ": " + title, settled);

        assertThat(picture.length()).as("size of %s", name).isLessThan(MOST_BYTES);
        new Paper(Path.of("..", "docs", "pictures", name + ".svg"), "-pl dist verify -Dit.test=PicturesIT").is(picture);
    }

    private static Line settled(Line line, boolean isWatched) {
        Line settled = line;
        for (var entry : SETTLED.entrySet()) {
            settled = settled.replaced(entry.getKey(), entry.getValue());
        }
        for (var entry : FIGURES.entrySet()) {
            if (line.text().contains(" " + entry.getKey() + " ")) {
                settled = settled.replaced(COLUMNS, entry.getValue().columns(isWatched));
            }
        }
        return settled;
    }
}
