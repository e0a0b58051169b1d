package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Proc;
import bellhop.linux.Self;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that a manager takes over what an earlier image left: its record, and processes with its marks alone. */
@Timeout(180)
class EarlierRecordsTest {

    private static final Path SAMPLES = Path.of("src/test/resources/records/2");

    private static final long HOUR = 3_600_000_000_000L;

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
                "the strays are written down", () -> file("strays").toFile().length() > 0);
    }

    private void leaveRecord(int pid, long startTime) throws Exception {
        leaveRecord("web", Files.readString(SAMPLES.resolve("running.record")), pid, startTime);
    }

    /** As if it had been written a moment ago, on this machine, of this process. */
    private void leaveRecord(String service, String sample, int pid, long startTime) throws Exception {
        long now = System.nanoTime();
        String boot = Proc.bootId() + " " + Proc.task(1).orElseThrow().startTime();
        String text = sample.replaceFirst("(?m)^bootId .*", "bootId " + boot)
                .replaceFirst("(?m)^process.pid .*", "process.pid " + pid)
                .replaceFirst("(?m)^process.startTime .*", "process.startTime " + startTime)
                .replaceFirst("(?m)^(saved.service.state.(?:pre|run|of|post).pid) .*", "$1 " + pid)
                .replaceFirst("(?m)^(saved.service.state.[a-z]+.since) .*", "$1 " + now)
                .replaceAll("(?m)^(saved.service.state.[a-z.]*deadline) [0-9]{1,18}$", "$1 " + (now + HOUR))
                .replace("/etc/bellhop/services.d", manager.services().toString());
        Path directory = manager.runDir().path().resolve(service);
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

    /** One that was left, with the script of it that lives, and what is shown of it by the next manager. */
    private record Left(String service, String script, String state, String wantedBy, String notes) {
        Left(String service, String script, String state, String wantedBy) {
            this(service, script, state, wantedBy, "");
        }

        String sample() throws Exception {
            return Files.readString(SAMPLES.resolve("one-manager").resolve(service.replaceAll("@.*", "") + ".record"));
        }

        String of(String place) throws Exception {
            return sample().replaceFirst("(?ms).*^saved\\.service\\.state\\." + place + " (\\S+)$.*", "$1");
        }
    }

    private static final List<Left> ALL_STATES = List.of(
            new Left("down", "", "failed", "\"start\"", "\"run exited 3 after 0.1 s\""),
            new Left("requiring", "", "starting", "\"start\"", "\"requires preparing, which is starting\""),
            // Whoever asked for the other hold was not answered, and knows that the manager is gone.
            new Left("preparing", "pre", "starting", "\"requiring\""),
            new Left("launching", "run", "starting", "\"start\""),
            new Left("up@wlan0", "run", "started", "\"cron:daily\",\"launching\",\"operator\",\"wifi:wlan0\""),
            new Left("leaving", "run", "stopping", "\"start\""),
            new Left("clearing", "run", "stopping", "\"web\""),
            new Left("cleaningup", "post", "stopping", ""),
            new Left("restarting", "", "restarting", "\"start\"", "\"run exited 4 after 0.0 s\""));

    private Process runOf(Left left) throws Exception {
        String service = left.service();
        ProcessBuilder builder = new ProcessBuilder(
                "/usr/bin/setsid",
                manager.services()
                        .resolve(service.replaceAll("@.*", ""))
                        .resolve(left.script())
                        .toString(),
                service);
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        "/usr/sbin:/usr/bin:/sbin:/bin",
                        "BELLHOP_RUNDIR",
                        manager.runDir().path().toString(),
                        "BELLHOP_SERVICE",
                        service,
                        "BELLHOP_INCARNATION",
                        left.of("life.incarnation"),
                        "BELLHOP_TARGET",
                        service.replaceAll("^[^@]*@?", ""),
                        "BELLHOP_SECRET",
                        left.of("life.secret"),
                        "BELLHOP_LAUNCH",
                        left.of("(?:pre|run|of|post).launch")));
        Process process = builder.redirectErrorStream(true).start();
        runs.add(process);
        return process;
    }

    @Test
    void whatAManagerLeftInAnyStateIsTakenOverInThatState() throws Exception {
        manager.yaml("up", "template: true");
        Map<String, Process> scripts = new HashMap<>();
        for (Left left : ALL_STATES) {
            String directory = left.service().replaceAll("@.*", "");
            manager.script(directory, "run", "trap '' TERM", "echo", "exec sleep 1000")
                    .script(directory, "pre", "echo", "exec sleep 1000")
                    .script(directory, "post", left.script().equals("post") ? "echo\nread line\nexit 0" : "");
            if (left.script().isEmpty()) {
                leaveRecord(left.service(), left.sample(), 0, 0);
            } else {
                Process process = runOf(left);
                scripts.put(left.service(), process);
                assertThat(process.getInputStream().read())
                        .as("its script runs")
                        .isEqualTo('\n');
                int pid = (int) process.pid();
                leaveRecord(
                        left.service(),
                        left.sample(),
                        pid,
                        Proc.task(pid).orElseThrow().startTime());
            }
        }

        manager.start();

        for (Left left : ALL_STATES) {
            manager.awaitLine("adopted: " + left.service() + " " + left.state());
            if (left.service().equals("clearing")) {
                continue; // what was told to stop has two seconds
            }
            Process script = scripts.get(left.service());
            JsonNode status = manager.status(left.service());
            assertThat(status.path("notes").toString())
                    .startsWith("[" + left.notes()); // and that the directory is another by now
            assertThat(status.path("pid").toString()).isEqualTo(script == null ? "null" : "" + script.pid());
            assertThat(status.path("state").asText()).isEqualTo(left.state());
            assertThat(status.path("wantedBy").toString()).isEqualTo("[" + left.wantedBy() + "]");
        }
        assertThat(manager.runDir().path().resolve("up@wlan0/record"))
                .as("what was taken over, as this version writes it")
                .content()
                .startsWith("bellhop-record 4\n")
                .contains("\nsaved.holders.4 Device\nsaved.holders.4.plugin wifi\nsaved.holders.4.target wlan0\n");
        Objects.requireNonNull(scripts.get("cleaningup")).getOutputStream().close();
        manager.awaitLine("cleaningup stopped");
        manager.awaitLine("clearing stopped"); // by KILL, two seconds after the stop was told again
        JsonNode clearing = manager.status("clearing");
        assertThat(clearing.path("notes")).map(JsonNode::asText).contains("held down");
        assertThat(clearing.path("wantedBy")).map(JsonNode::asText).containsExactly("web");
        Objects.requireNonNull(scripts.get("up@wlan0")).destroyForcibly().waitFor();
        manager.awaitLine("up@wlan0 restarting");
    }
}
