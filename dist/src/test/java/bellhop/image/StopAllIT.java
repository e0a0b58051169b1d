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

/** Verifies that {@code bh-stopall} stops a hundred services, side by side but requirers first. */
@Timeout(180)
class StopAllIT {

    private static final int PAIRS = 10;

    @Test
    void aHundredServicesAreStoppedRequirersFirst() throws IOException, InterruptedException {
        try (ImageManager manager = new ImageManager()) {
            Path story = manager.root().resolve("story");
            List<String> plain = IntStream.rangeClosed(1, 100 - 2 * PAIRS)
                    .mapToObj("plain%02d"::formatted)
                    .toList();
            List<String> uppers = IntStream.rangeClosed(1, PAIRS)
                    .mapToObj("upper%02d"::formatted)
                    .toList();
            List<String> lowers = IntStream.rangeClosed(1, PAIRS)
                    .mapToObj("lower%02d"::formatted)
                    .toList();
            for (String name : plain) {
                manager.script(name, "run", "exec sleep 1000");
            }
            for (int i = 0; i < PAIRS; i++) {
                manager.script(uppers.get(i), "pre", "exec bh-require " + lowers.get(i))
                        .script(uppers.get(i), "run", "exec sleep 1000")
                        .script(uppers.get(i), "post", "echo " + uppers.get(i) + " >> '" + story + "'")
                        .script(lowers.get(i), "run", "exec sleep 1000")
                        .script(lowers.get(i), "post", "echo " + lowers.get(i) + " >> '" + story + "'");
            }
            manager.start();
            List<String> start = Stream.of(List.of("bh-start"), plain, uppers)
                    .flatMap(List::stream)
                    .toList();
            manager.run(start).succeeds();
            assertThat(manager.children()).hasSize(100);

            manager.run("bh-stopall").succeeds();

            assertThat(manager.children()).isEmpty();
            assertThat(manager.run("bh-status").out()).doesNotContain("started");
            List<String> order = Files.readAllLines(story);
            assertThat(order).hasSize(2 * PAIRS);
            for (int i = 0; i < PAIRS; i++) {
                assertThat(order.indexOf(uppers.get(i)))
                        .as("%s is down before what it requires", uppers.get(i))
                        .isLessThan(order.indexOf(lowers.get(i)));
            }

            manager.run("bh-start", plain.getFirst()).succeeds();
        }
    }
}
