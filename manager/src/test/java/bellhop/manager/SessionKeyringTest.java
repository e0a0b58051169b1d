package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Self;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that the keys of whoever started root's manager are none of a service that runs as another user. */
@Timeout(180)
class SessionKeyringTest {

    private static final String LOOK =
            "keyctl print $(keyctl search @s user of-root) >$1.new 2>&1; keyctl id @s >>$1.new; mv $1.new $1";

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can run a service as another user");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "SKIPPED: there is no setpriv here");
        manager = new ManagerProcess().withKey("of-root", "treasure");
        Files.setPosixFilePermissions(
                Files.createDirectory(manager.root().resolve("files")), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(manager.root().resolve("look"), LOOK);
    }

    @AfterEach
    void close() throws Exception {
        if (manager != null) {
            manager.close();
        }
    }

    private Path file(String name) {
        return manager.root().resolve("files").resolve(name);
    }

    private String look(String name) {
        return "sh " + manager.root().resolve("look") + " " + file(name);
    }

    private List<String> found(String name) throws Exception {
        manager.awaitFile(file(name));
        return Files.readAllLines(file(name));
    }

    @Test
    void whatRunsAsAnotherUserHasASessionKeyringOfItsOwn() throws Exception {
        for (String name : List.of("one", "two")) {
            manager.script(name, "pre", look(name + ".pre"))
                    .script(name, "run", look(name), "exec sleep 1000")
                    .yaml(name, "user: nobody", "ready: {test: " + look(name + ".probe") + "}");
        }
        manager.script("plain", "run", look("plain"), "exec sleep 1000");
        manager.start().ask("start", "one", "two", "plain").succeeds();

        for (String name : List.of("one", "one.probe", "two", "two.probe")) {
            assertThat(found(name)).as(name).noneMatch(line -> line.contains("treasure"));
        }
        assertThat(found("one").getLast())
                .as("a keyring")
                .matches("[0-9]+")
                .isNotEqualTo(found("two").getLast());
        // What runs as the manager does has what it has.
        for (String name : List.of("plain", "one.pre", "two.pre")) {
            assertThat(found(name)).as(name).first().isEqualTo("treasure");
        }
    }

    @Test
    void aManagerThatTakesOverKeepsItSo() throws Exception {
        manager.script("one", "run", look("one"), "exec sleep 1000").yaml("one", "user: nobody");
        manager.start().ask("start", "one").succeeds();
        manager.kill();
        manager.start();
        Files.delete(file("one"));
        manager.ask("restart", "one").succeeds();

        assertThat(found("one")).noneMatch(line -> line.contains("treasure"));
    }
}
