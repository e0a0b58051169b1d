package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that the samples start by themselves and do what they are there to show. */
@Timeout(120)
class SamplesIT {

    private static final List<String> SAMPLES =
            List.of("sample-app", "sample-batch", "sample-clock", "sample-crash", "sample-store", "sample-web");

    @Test
    void theySettleAsTheirCommentsSay() throws IOException, InterruptedException {
        try (ImageManager manager = new ImageManager()) {
            for (String sample : SAMPLES) {
                manager.withReadyMade(sample);
            }
            manager.start();

            manager.awaitSaid("sample-web started");
            manager.awaitSaid("sample-batch finished");
            manager.awaitLog("sample-clock", 1, "it is ");
            manager.awaitLog("sample-crash", 1, "good for ");

            assertThat(manager.run("bh-status").succeeds().out())
                    .containsPattern("sample-app +started .* sample-web\\b")
                    .containsPattern("sample-batch +finished ")
                    .containsPattern("sample-clock +started ")
                    .containsPattern("sample-crash +started ")
                    .containsPattern("sample-store +started .* sample-app\\b")
                    .containsPattern("sample-web +started ");
            assertThat(manager.log("sample-store")).contains(" [pre] opening the store\n", " the store is open\n");

            manager.run("bh-stop", "sample-web").succeeds();

            manager.awaitSaid("sample-app stopped"); // each is released as the one before it goes down
            manager.awaitSaid("sample-store stopped");
            manager.awaitLog("sample-store", 1, " [post] the store is closed");
        }
    }

    @Test
    void theOneThatCrashesIsBackByItself() throws IOException, InterruptedException {
        try (ImageManager manager = new ImageManager()) {
            manager.withReadyMade("sample-crash").start();
            manager.awaitLog("sample-crash", 2, "good for ");

            assertThat(manager.log("sample-crash")).contains("something went wrong\n");
            assertThat(manager.said()).contains("sample-crash restarting: run exited 1 after ");
        }
    }
}
