package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that whatever is asked of one service at once, it ends as one process or none, and never was two. */
@Timeout(180)
class ConcurrencyIT {

    private static final int ROUNDS = 5;
    private static final List<List<String>> REQUESTS = List.of(
            List.of("bh-start", "solo"),
            List.of("bh-stop", "solo"),
            List.of("bh", "restart", "solo"),
            List.of("bh-start", "solo"),
            List.of("bh-stop", "solo"),
            List.of("bh-start", "solo"),
            List.of("bh", "restart", "solo"),
            List.of("bh-stop", "solo"),
            List.of("bh-start", "solo"),
            List.of("bh-stop", "solo"));

    @Test
    void tenRequestsAtOnceEndInOneProcessOrNone() throws Exception {
        try (ImageManager manager = new ImageManager();
                ExecutorService clients = Executors.newFixedThreadPool(REQUESTS.size())) {
            Path alone = manager.root().resolve("alone");
            // What run makes post removes; a pre that is cut short would have no post.
            manager.script("solo", "pre", "exec sleep 0.05")
                    .script("solo", "run", "mkdir '" + alone + "' && exec sleep 1000")
                    .script("solo", "post", "rmdir '" + alone + "' 2>/dev/null || true")
                    .start();

            for (int round = 1; round <= ROUNDS; round++) {
                for (Outcome result : atOnce(manager, clients)) {
                    assertThat(result.status()).as("%s", result).isIn(0, 1);
                    if (result.status() == 1) {
                        assertThat(result.err())
                                .as("a request that lost says to whom")
                                .contains("solo: ");
                    }
                }
                assertEndsWhole(manager, round);
            }
            assertThat(manager.log("solo")).as("run found no other incarnation").doesNotContain("mkdir:");
        }
    }

    private static List<Outcome> atOnce(ImageManager manager, ExecutorService clients)
            throws InterruptedException, ExecutionException {
        CyclicBarrier together = new CyclicBarrier(REQUESTS.size());
        List<Callable<Outcome>> calls = new ArrayList<>();
        for (List<String> words : REQUESTS) {
            calls.add(() -> {
                together.await();
                return manager.run(words);
            });
        }
        List<Outcome> results = new ArrayList<>();
        for (Future<Outcome> call : clients.invokeAll(calls)) {
            results.add(call.get());
        }
        return results;
    }

    private static void assertEndsWhole(ImageManager manager, int round) throws IOException, InterruptedException {
        String state = manager.state("solo");
        assertThat(state).as("round %d", round).isIn("started", "stopped");
        assertThat(manager.children())
                .as("round %d: scripts of a %s service", round, state)
                .hasSize(state.equals("started") ? 1 : 0);
    }
}
