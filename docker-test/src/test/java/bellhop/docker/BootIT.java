package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.images.builder.Transferable;

/** Verifies what a container with Bellhop as its first process does from its start on. */
@Timeout(300)
class BootIT {

    @RegisterExtension
    final Boxes boxes = new Boxes();

    /** The image of the documentation serves its example as soon as it is up, and ends in order. */
    @Test
    void theExampleOfTheDocumentationServesAndEnds() {
        Box box = boxes.box().withCommand();
        box.start();

        box.awaitState("web", "started");
        assertThat(box.shell("tr '\\0' ' ' </proc/1/cmdline").out()).contains("bellhop.program.Bh run");
        assertThat(box.run("busybox", "wget", "-qO-", "http://127.0.0.1:8080/")
                        .succeeds()
                        .out())
                .contains("At your service.");

        assertThat(box.run("bh", "status", "--json", "web").succeeds().out())
                .as("a build keeps the times of the files, for which the cache was made")
                .contains("\"managerCache\":\"used\"");

        assertThat(box.dockerStop(Duration.ofSeconds(30)).exitStatus()).isZero();
        box.awaitLog("web stopped");
    }

    /** What is enabled and what starts by itself is up after the boot, and docker exec gives the state of each. */
    @Test
    void whatIsEnabledIsUpAndDockerExecTellsSo() {
        Box box = boxes.box()
                .script("enabled", "run", "exec sleep 1000")
                .file("/etc/bellhop/enabled/enabled", "")
                .script("idle", "run", "exec sleep 1000")
                .script("broken", "pre", "exit 42")
                .yaml("broken", "autostart: true", "restart: \"no\"")
                .script("once", "pre", "exit 0")
                .yaml("once", "autostart: true");
        box.start();
        box.awaitState("enabled", "started");
        box.awaitState("broken", "failed");
        box.awaitState("once", "started");

        assertThat(box.run("bh-status", "enabled").succeeds().out()).isEqualTo("started\n");
        assertThat(box.run("bh-status", "idle").exits(3).out()).isEqualTo("stopped\n");
        assertThat(box.run("bh-status", "broken").exits(1).out()).isEqualTo("failed\n");
        box.run("bh-status", "unknown").exits(4);
        assertThat(box.run("bh", "status").out())
                .containsPattern("(?m)^enabled +started +\\d+ ")
                .containsPattern("(?m)^broken +failed .*pre exited 42");
    }

    /** Each of the programs does its work inside a container. */
    @Test
    void eachProgramWorksInside() {
        Box box = boxes.box()
                .script("base", "run", "exec sleep 1000")
                .script("top", "pre", "exec bh-require base")
                .script("top", "run", "exec sleep 1000")
                .script("top", "post", "exec bh-release base");
        box.start();

        box.run("bh-start", "top").succeeds();
        assertThat(box.run("bh-status", "base").succeeds().out()).isEqualTo("started\n");
        box.run("bh-require", "base").succeeds();
        box.run("bh-stop", "top").succeeds();
        assertThat(box.run("bh-status", "base").succeeds().out())
                .as("held by the operator still")
                .isEqualTo("started\n");
        box.run("bh-release", "base").succeeds();
        assertThat(box.run("bh-status", "base").exits(3).out()).isEqualTo("stopped\n");
        box.run("bh-start", "top").succeeds();
        box.run("bh-stopall").succeeds();
        assertThat(box.run("bh-status", "top").exits(3).out()).isEqualTo("stopped\n");

        box.run("semaphore", "/tmp/count", "+").exits(0);
        box.run("semaphore", "/tmp/count", "+").exits(1);
        box.run("state", "/tmp/word", "up").exits(0);
        box.run("state", "/tmp/word", "up").exits(1);
        assertThat(box.shell("cat /tmp/count /tmp/word").out()).contains("2").contains("up");
        box.run("escort", "/tmp/socket", "/bin/sleep", "1234").succeeds();
        box.awaitThat("pgrep -f '[s]leep 1234'");
        box.run("connect", "/tmp/socket").succeeds();
        box.shell("pgrep -f '[s]leep 1234'").exits(1);
        for (String program : List.of(
                "bh-start",
                "bh-stop",
                "bh-stopall",
                "bh-status",
                "bh-require",
                "bh-release",
                "escort",
                "connect",
                "semaphore",
                "state",
                "bh")) {
            assertThat(box.run(program, "--version").succeeds().out()).startsWith(program + " ");
        }
    }

    /** A service directory that is copied into the running container can be started at once. */
    @Test
    void aDirectoryDroppedIntoTheRunningContainerIsAService() {
        Box box = boxes.box();
        box.start();

        box.copyFileToContainer(
                Transferable.of("command: [sleep, \"1000\"]\n"), "/etc/bellhop/services.d/late/service.yaml");

        box.run("bh-start", "late").succeeds();
        assertThat(box.run("bh-status", "late").out()).isEqualTo("started\n");
    }

    /** What docker puts into the environment reaches the services, and what they write reaches docker's log. */
    @Test
    void theEnvironmentReachesTheServicesAndTheirOutputTheLog() {
        Box box = boxes.box()
                .withEnv("GREETING", "good morning")
                .script("greeter", "run", "echo \"$GREETING\"", "exec sleep 1000")
                .yaml("greeter", "autostart: true");
        box.start();

        box.awaitLog("greeter: good morning\n");
    }

    /** Orphans of services, and of docker exec, are reaped by the first process. */
    @Test
    void orphansAreReaped() {
        Box box = boxes.box()
                .script(
                        "parent",
                        "run",
                        "for i in 1 2 3 4 5; do (sh -c 'sleep 0.2 & exec true' &); done",
                        "exec sleep 1000")
                .yaml("parent", "autostart: true");
        box.start();
        box.awaitState("parent", "started");

        box.shell("for i in 1 2 3 4 5; do (sh -c 'sleep 0.2 & exec true' &); done")
                .succeeds();

        box.awaitThat("! pgrep -f '[s]leep 0.2' && ! ps -eo stat | grep Z");
        assertThat(box.run("bh-status", "parent").out()).isEqualTo("started\n");
    }

    /** A read-only root with a tmpfs for the run directory is enough. */
    @Test
    void aReadOnlyRootWithTmpfsForTheRunDirectoryIsEnough() {
        Box box = boxes.box()
                .withTmpFs(java.util.Map.of("/run", "size=4m"))
                .withCreateContainerCmdModifier(
                        command -> command.getHostConfig().withReadonlyRootfs(true));
        box.start();

        box.awaitState("web", "started");
        box.shell("! touch /etc/new").exits(0);
        box.run("bh-stop", "web").succeeds();
        box.run("bh-start", "web").succeeds();
        assertThat(box.dockerStop(Duration.ofSeconds(30)).exitStatus()).isZero();
    }

    /** An ordinary user without any capability can be the container's user. */
    @Test
    void anOrdinaryUserWithoutCapabilitiesIsEnough() throws Exception {
        Box box = boxes.box().withCreateContainerCmdModifier(command -> {
            command.withUser("1000");
            command.getHostConfig().withCapDrop(com.github.dockerjava.api.model.Capability.ALL);
        });
        box.start();

        box.awaitState("web", "started");
        assertThat(box.shell("grep -h ^Uid: /proc/1/status /proc/%d/status".formatted(box.pid("web")))
                        .out())
                .isEqualTo("Uid:\t1000\t1000\t1000\t1000\n".repeat(2));
        assertThat(box.dockerStop(Duration.ofSeconds(30)).exitStatus()).isZero();
    }
}
