package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies what batch jobs need, with real processes under a real manager. */
@Timeout(120)
class JobsTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path file(String name) {
        return manager.root().resolve(name);
    }

    @Test
    void endsThatAreNamedASuccessOrPreventARestart() throws Exception {
        manager.script("three", "run", "exit 3").yaml("three", "restart: on-failure", "success_exit_status: [3, SIGTERM]");
        manager.script("term", "run", "kill -TERM $$").yaml("term", "restart: on-failure", "success_exit_status: SIGTERM");
        manager.script("usage", "run", "echo x >>" + file("launches") + "; exit 78")
                .yaml("usage", "restart_prevent: [78]");
        manager.start();

        manager.ask("start", "three", "term", "usage").succeeds();

        assertThat(manager.awaitLine(" three finished")).contains("run exited 3 after ");
        assertThat(manager.awaitLine(" term finished")).contains("run was killed by SIGTERM after ");
        assertThat(manager.awaitLine(" usage failed")).contains("run exited 78 after ").endsWith(", which prevents a restart");
        assertThat(file("launches")).hasContent("x");
    }
}
