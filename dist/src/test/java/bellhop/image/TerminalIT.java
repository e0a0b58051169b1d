package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What keys do to programs of the image at a terminal. */
@Timeout(120)
class TerminalIT {

    private static final String CTRL_C = "\u0003";
    private static final int KILLED_BY_INT = 130;

    @Test
    void ctrlCEndsTheWaitingAndNotTheStart() throws Exception {
        try (ImageManager manager = new ImageManager()) {
            Path gate = manager.root().resolve("gate");
            manager.script("slow", "pre", "until [ -e " + gate + " ]; do sleep 0.02; done")
                    .script("slow", "run", "exec sleep 1000")
                    .with("PATH", ImageManager.IMAGE.resolve("bin") + ":" + System.getenv("PATH"))
                    .with("TERM", "xterm-256color")
                    .start();
            try (AtTerminal terminal = new AtTerminal(manager, "exec bh start slow")) {
                Await.until(
                        "it is said what is waited for", () -> terminal.sent().contains("slow is starting"));
                terminal.type(CTRL_C);
                assertThat(terminal.awaitEnd()).isEqualTo(KILLED_BY_INT);
            }
            assertThat(manager.state("slow")).isEqualTo("starting");

            Files.createFile(gate);
            Await.until("it has started", () -> manager.state("slow").equals("started"));
            assertThat(manager.run("bh", "why", "slow").out()).contains("it was started, and not stopped since");
        }
    }
}
