package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.PseudoTerminal;
import bellhop.linux.Self;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Verifies the ready-made {@code getty} with the real agetty and login, on a terminal that the test holds. */
class GettyTest {

    @Test
    void thePromptIsThereALoginEndsAndThePromptIsBack() throws Exception {
        assumeTrue(Self.euid() == 0, "skipped: not root");
        assumeTrue(
                Stream.of("/sbin/agetty", "/usr/sbin/agetty").anyMatch(file -> Files.isExecutable(Path.of(file)))
                        && Files.isExecutable(Path.of("/bin/login")),
                "skipped: there is no agetty or no login here (util-linux, login)");
        String name = "ttyBH" + ProcessHandle.current().pid();
        Path link = Path.of("/dev", name);
        try (ManagerProcess manager = new ManagerProcess();
                PseudoTerminal terminal = new PseudoTerminal()) {
            Files.createSymbolicLink(link, terminal.path());
            copy(Path.of("..", "services.d", "getty"), manager.services().resolve("getty"));
            manager.start();
            Outcome started = manager.ask("start", "getty@" + name);
            assertThat(started).isEqualTo(new Outcome(0, "", ""));

            terminal.await("login: ");
            terminal.type("nobody\r");
            terminal.await("assword: ");
            // The end of input ends the login.
            terminal.type("\004");
            terminal.await("login: ");

            assertThat(manager.ask("status", "getty@" + name).out()).isEqualTo("started\n");
            manager.ask("stop", "getty@" + name).succeeds();
        } finally {
            Files.deleteIfExists(link);
        }
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
