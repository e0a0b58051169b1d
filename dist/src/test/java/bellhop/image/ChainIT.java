package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies a chain of twenty services, each of which requires the next in {@code pre} until {@code post}. */
@Timeout(180)
class ChainIT {

    private static final int LENGTH = 20;
    private static final List<String> FROM_TOP =
            IntStream.rangeClosed(1, LENGTH).mapToObj(ChainIT::link).toList();

    @Test
    void theLastIsUpFirstAndTheFirstIsDownFirst() throws IOException, InterruptedException {
        try (ImageManager manager = new ImageManager()) {
            Path story = manager.root().resolve("story");
            chain(manager, story);
            manager.start();

            manager.run("bh-start", link(1)).succeeds();

            List<String> status =
                    Stream.concat(Stream.of("bh-status"), FROM_TOP.stream()).toList();
            assertThat(manager.run(status).succeeds().out()).contains(FROM_TOP);
            assertThat(Files.readAllLines(story))
                    .containsExactlyElementsOf(FROM_TOP.reversed().stream()
                            .map(name -> "up " + name)
                            .toList());
            Files.delete(story);

            manager.run("bh-stop", link(1)).succeeds();

            assertThat(Files.readAllLines(story))
                    .containsExactlyElementsOf(
                            FROM_TOP.stream().map(name -> "down " + name).toList());
            for (String name : FROM_TOP) {
                assertThat(manager.state(name)).as(name).isEqualTo("stopped");
                assertThat(manager.processes(name)).as(name).isEmpty();
            }
        }
    }

    @Test
    void aCrashInTheMiddleStopsNobodyElse() throws IOException, InterruptedException {
        try (ImageManager manager = new ImageManager()) {
            Path story = manager.root().resolve("story");
            chain(manager, story);
            manager.start();
            manager.run("bh-start", link(1)).succeeds();
            manager.awaitLog(link(10), 1, "running");
            long middle = manager.processes(link(10)).getFirst().pid();
            long above = manager.processes(link(9)).getFirst().pid();
            long below = manager.processes(link(11)).getFirst().pid();

            ProcessHandle.of(middle).orElseThrow().destroyForcibly();
            manager.awaitLog(link(10), 2, "running");

            assertThat(manager.processes(link(10))).hasSize(1);
            assertThat(manager.processes(link(9)).getFirst().pid()).isEqualTo(above);
            assertThat(manager.processes(link(11)).getFirst().pid()).isEqualTo(below);
            assertThat(Files.readAllLines(story))
                    .as("pre and post were not run again")
                    .hasSize(LENGTH);
        }
    }

    /** The story is written where the order is decided: by pre once what it needs is up, by post before it lets go. */
    private static void chain(ImageManager manager, Path story) throws IOException {
        for (int i = 1; i <= LENGTH; i++) {
            String require = i < LENGTH ? "bh-require " + link(i + 1) + " || exit" : ":";
            String release = i < LENGTH ? "bh-release " + link(i + 1) : ":";
            manager.script(link(i), "pre", require, "echo up " + link(i) + " >> '" + story + "'")
                    .script(link(i), "run", "echo running", "exec sleep 1000")
                    .script(link(i), "post", "echo down " + link(i) + " >> '" + story + "'", release);
        }
    }

    private static String link(int number) {
        return "link%02d".formatted(number);
    }
}
