package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Proc;
import bellhop.linux.Self;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that a manager takes over what an earlier image left: its record, and processes with its marks alone. */
@Timeout(180)
class EarlierRecordsTest {

    /** The numbers on the sample. */
    private static final String INCARNATION = "1795902100";

    private final List<Process> runs = new ArrayList<>();
    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can run a service as another user");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "SKIPPED: there is no setpriv here");
        manager = new ManagerProcess();
        Files.setPosixFilePermissions(
                Files.createDirectory(manager.root().resolve("files")), PosixFilePermissions.fromString("rwxrwxrwx"));
        manager.script("web", "run", "setsid sh -c 'echo $$ >" + file("strays") + "; exec sleep 1000' &", "wait")
                .script("web", "post", "echo post >" + file("post"))
                .yaml("web", "user: nobody", "stop_grace_period: 500ms");
    }

    @AfterEach
    void close() throws Exception {
        for (Process run : runs) {
            run.destroyForcibly().waitFor();
        }
        if (manager != null) {
            manager.close();
        }
    }

    private Path file(String name) {
        return manager.root().resolve("files").resolve(name);
    }

    /** Starts the script as an earlier image did: without what a later one puts among the marks. */
    private void runAsAnEarlierImage() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                "/usr/bin/setsid",
                "/usr/bin/setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                manager.services().resolve("web/run").toString(),
                "web");
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        "/usr/sbin:/usr/bin:/sbin:/bin",
                        "BELLHOP_RUNDIR",
                        manager.runDir().path().toString(),
                        "BELLHOP_SERVICE",
                        "web",
                        "BELLHOP_INCARNATION",
                        INCARNATION,
                        "BELLHOP_TARGET",
                        "",
                        "BELLHOP_LAUNCH",
                        INCARNATION));
        runs.add(builder.start());
        manager.await(
                file("strays"),
                strays -> Files.exists(strays) && strays.toFile().length() > 0);
    }

    private void leaveRecord(int pid, long startTime) throws Exception {
        String sample = Files.readString(Path.of("src/test/resources/records/2/running.record"));
        String boot = Proc.bootId() + " " + Proc.task(1).orElseThrow().startTime();
        String text = sample.replaceFirst("(?m)^bootId .*", "bootId " + boot)
                .replaceFirst("(?m)^process.pid .*", "process.pid " + pid)
                .replaceFirst("(?m)^process.startTime .*", "process.startTime " + startTime)
                .replaceFirst("(?m)^(saved.service.state.run.pid) .*", "$1 " + pid)
                .replace("/etc/bellhop/services.d", manager.services().toString());
        Path directory = manager.runDir().path().resolve("web");
        Files.createDirectories(directory);
        for (Path made : List.of(manager.runDir().path(), directory)) {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.writeString(directory.resolve("record"), text);
        Files.setPosixFilePermissions(directory.resolve("record"), PosixFilePermissions.fromString("rw-------"));
    }

    private void isAdoptedAndStoppedAsAWhole() throws Exception {
        manager.start();
        assertThat(manager.pid("web")).isEqualTo((int) runs.getFirst().pid());
        int stray = Integer.parseInt(Files.readString(file("strays")).strip());
        assertThat(Proc.task(stray)).as("what left its session").isPresent();

        manager.ask("stop", "web").succeeds();

        assertThat(manager.state("web")).isEqualTo("stopped");
        assertThat(Proc.task(stray).filter(task -> !task.isDead())).isEmpty();
        assertThat(runs.getFirst().waitFor()).isPositive();
        assertThat(file("post")).exists();
    }

    @Test
    void aServiceOfAnEarlierImageIsAdopted() throws Exception {
        runAsAnEarlierImage();
        int pid = (int) runs.getFirst().pid();
        leaveRecord(pid, Proc.task(pid).orElseThrow().startTime());

        isAdoptedAndStoppedAsAWhole();
    }

    @Test
    void aScriptWhoseProcessWasNotOnRecordYetIsFoundByItsMarks() throws Exception {
        runAsAnEarlierImage();
        leaveRecord(0, 0);

        isAdoptedAndStoppedAsAWhole();
    }
}
