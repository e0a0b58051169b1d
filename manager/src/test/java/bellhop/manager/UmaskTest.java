package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Accounts;
import bellhop.linux.Fd;
import bellhop.linux.Self;
import bellhop.linux.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that whatever root's manager makes has the modes that are documented, not what the umask leaves of others. */
@Timeout(180)
class UmaskTest {

    /** As in docs/security.md. */
    private static final Map<String, String> OF_RUN_DIR = Map.ofEntries(
            Map.entry("run", "0755"),
            Map.entry("run/lock", "0600"),
            Map.entry("run/.log-transfer", "0600"),
            Map.entry("run/.events", "0600"),
            Map.entry("run/control", "0600"),
            Map.entry("run/control.sock", "0600"),
            Map.entry("run/alive", "0600"),
            Map.entry("run/reply", "0700"),
            Map.entry("run/web", "0755"),
            Map.entry("run/web/definition.1", "0600"),
            Map.entry("run/web/record", "0600"),
            Map.entry("run/web/state", "0644"),
            Map.entry("run/web/require", "0644"),
            Map.entry("run/web/log.run", "0600"),
            Map.entry("run/web/log.pre", "0600"),
            Map.entry("run/web/socket", "0600"),
            Map.entry("run/web/notify", "0700"),
            Map.entry("run/web/notify/socket", "0666"),
            Map.entry("run/fd", "0755"),
            Map.entry("run/fd/definition.1", "0600"),
            Map.entry("run/fd/record", "0600"),
            Map.entry("run/fd/state", "0644"),
            Map.entry("run/fd/require", "0644"));

    private static final Map<String, String> OF_LOGS_AND_ENABLED = Map.ofEntries(
            Map.entry("made", "0750"),
            Map.entry("made/log", "0750"),
            Map.entry("made/log/.manager", "0750"),
            Map.entry("made/log/.manager/current", "0640"),
            Map.entry("made/log/web", "0750"),
            Map.entry("made/log/web/current", "0640"),
            Map.entry("made/log/fd", "0750"),
            Map.entry("made/log/fd/current", "0640"),
            Map.entry("too", "0755"),
            Map.entry("too/enabled", "0755"),
            Map.entry("too/enabled/web", "0644"));

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root has services of other users");
        assumeTrue(Accounts.group("bellhop").isEmpty(), "SKIPPED: there is a group bellhop");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-notify")), "SKIPPED: there is no systemd-notify here");
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        if (manager != null) {
            manager.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"077", "000"})
    void modesAreThoseThatAreDocumentedWhateverTheUmask(String umask) throws Exception {
        manager.withUmask(umask)
                .script("web", "pre", "echo pre")
                .script("web", "run", "systemd-notify --ready && echo told", "exec sleep 1000")
                .yaml("web", "user: nobody", "ready: {notify: true}", "control_socket: true", "timeouts: {ready: 20s}")
                .script("fd", "run", "echo told $(stat -c %a $BELLHOP_RUNDIR/fd/ready); echo >&3", "exec sleep 1000")
                .yaml("fd", "user: nobody", "ready: {fd: 3}", "log: {direct: true}");
        Path logs = manager.root().resolve("made/log");
        manager.start("--logdir", logs.toString(), "--enabled", manager.root() + "/too/enabled");

        manager.ask("start", "web").succeeds();
        manager.ask("start", "fd").succeeds();
        manager.ask("enable", "web").succeeds();
        manager.awaitText(logs.resolve("web/current"), "told");
        manager.awaitText(logs.resolve("fd/current"), "told 600");
        manager.awaitText(logs.resolve(".manager/current"), "web started");
        manager.awaitFile(manager.runDir().path().resolve("web/socket"));

        Map<String, String> expected = new TreeMap<>(OF_RUN_DIR);
        expected.putAll(OF_LOGS_AND_ENABLED);
        Map<String, String> modes = new TreeMap<>();
        for (String folder : new String[] {"run", "made", "too"}) {
            modes.putAll(modes(folder));
        }
        assertThat(modes).isEqualTo(expected);
        manager.ask("stopall").succeeds();
    }

    @ParameterizedTest
    @ValueSource(strings = {"077", "000"})
    void parentsOfTheRunDirCanBeEnteredByAllAndChangedByNobodyElse(String umask) throws Exception {
        manager.withUmask(umask).script("short", "run", "exit 0").yaml("short", "restart: \"no\"");

        manager.refuses("--rundir", manager.root() + "/made/here/run", "--exit-with", "short")
                .succeeds();

        assertThat(modes("made")).isEqualTo(Map.of("made", "0755", "made/here", "0755"));
    }

    private Map<String, String> modes(String folder) throws IOException {
        Map<String, String> modes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(manager.root().resolve(folder))) {
            for (Path file : files.toList()) {
                Stat stat = Fd.lstat(file);
                modes.put(manager.root().relativize(file).toString(), "%04o".formatted(stat.permissions()));
            }
        }
        return modes;
    }
}
