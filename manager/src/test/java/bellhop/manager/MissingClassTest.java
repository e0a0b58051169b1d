package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that who asks is answered where a class is gone from the disk, on whichever thread that is found. */
@Timeout(120)
class MissingClassTest {

    private static ManagerProcess manager;

    @BeforeAll
    static void start() throws Exception {
        manager = new ManagerProcess();
        Path plugins = Files.createDirectory(manager.root().resolve("plugins"));
        Files.writeString(plugins.resolve("broken.jar"), "no jar");
        manager.withoutClasses("bellhop/control/Json.class")
                .script("works", "run", "exec sleep 1000")
                .yaml("broken", "comand: x")
                .start("--plugins", plugins.toString());
    }

    @AfterAll
    static void close() throws Exception {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "check", "plugins"})
    void whoAsksIsTold(String verb) throws Exception {
        assertThat(manager.ask(verb, "--json"))
                .isEqualTo(Outcome.failed(
                        "bh-" + verb + ": internal error: java.lang.NoClassDefFoundError: bellhop/control/Json"));
    }

    @Test
    void othersAreServedAllTheSame() throws Exception {
        manager.ask("start", "works").succeeds();
        manager.ask("stop", "works").succeeds();
    }
}
