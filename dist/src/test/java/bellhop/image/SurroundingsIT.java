package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that the programs work whatever environment and directory they are started in, and whatever signal ends them. */
@Timeout(600)
class SurroundingsIT {

    /** What a JVM reads, each such that no JVM which reads it starts, or not without a word. */
    private static final Map<String, String> OPTIONS_OF_SERVICES = Map.of(
            "JAVA_TOOL_OPTIONS", "-javaagent:/no/such/agent.jar -Dx='$(echo no)' \"`y`\"\n-Dz=\\",
            "JDK_JAVA_OPTIONS", "-XX:+UseG1GC",
            "_JAVA_OPTIONS", "-Xmx1k",
            "JDK_AOT_VM_OPTIONS", "",
            "JDK_ALTERNATE_VM", "nosuch",
            "_JAVA_LAUNCHER_DEBUG", "1",
            "_JAVA_SR_SIGNUM", "3");

    private ImageManager manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ImageManager();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path file(String name) {
        return manager.root().resolve(name);
    }

    /** A service that writes down which environment it has. */
    private void makeWitness(String name) throws IOException {
        manager.script(
                        name,
                        "run",
                        "cat /proc/$$/environ > " + file(name + ".new"),
                        "mv " + file(name + ".new") + " " + file(name),
                        "exec sleep 1000")
                .yaml(name, "ready: {path: " + file(name) + "}");
    }

    private Map<String, String> witnessed(String name) throws IOException {
        Map<String, String> variables = new TreeMap<>();
        for (String entry : Files.readString(file(name)).split("\0", -1)) {
            int equals = entry.indexOf('=');
            if (equals < 0) {
                continue; // after the last
            }
            assertThat(variables.put(entry.substring(0, equals), entry.substring(equals + 1)))
                    .as(entry)
                    .isNull();
        }
        return variables;
    }

    @Test
    void optionsOfServicesJavaReachThemUnchangedAndNoOtherJvm() throws Exception {
        Map<String, String> expected = new TreeMap<>(OPTIONS_OF_SERVICES);
        expected.put("CLASSPATH", "/no/such/classes");
        // Variables of shell scripts have such names.
        for (String name : List.of("home", "self", "cache", "options", "main", "name", "run")) {
            expected.put(name, "the services' " + name);
        }
        expected.forEach(manager::with);
        manager.with("BELLHOP_KEPT_OTHER", "a user's own");
        expected.put("BELLHOP_KEPT_OTHER", "a user's own");
        for (String name : List.of("first", "second", "third")) {
            makeWitness(name);
        }
        makeWitness("inherits");
        manager.yaml(
                "inherits",
                "environment: [JAVA_TOOL_OPTIONS]",
                "env_file: [file]",
                "ready: {path: " + file("inherits") + "}");
        Files.writeString(manager.services().resolve("inherits/file"), "JAVA_TOOL_OPTIONS=of the file\n");
        manager.start();
        manager.run("bh", "start", "first", "inherits").succeeds();
        manager.run("bh", "upgrade").succeeds();
        manager.run("bh-start", "second").succeeds();
        manager.run("bh", "upgrade").succeeds();
        manager.run("bh-start", "third").succeeds();
        manager.run(
                        "escort",
                        file("socket").toString(),
                        "sh",
                        "-c",
                        "cat /proc/$$/environ > " + file("e") + "; mv " + file("e") + " " + file("escorted")
                                + "; exec sleep 1000")
                .succeeds();
        awaitFile("escorted");
        assertThat(manager.run("connect", file("socket").toString()).succeeds().err())
                .isEmpty();

        for (String name : List.of("first", "second", "third", "inherits", "escorted")) {
            assertThat(witnessed(name)).as(name).containsAllEntriesOf(expected);
            assertThat(witnessed(name).keySet())
                    .as(name)
                    .filteredOn(it -> it.startsWith("BELLHOP_KEPT_"))
                    .containsExactly("BELLHOP_KEPT_OTHER");
        }
        assertThat(Files.readString(Path.of("/proc/" + manager.pid() + "/environ"))
                        .split("\0", -1))
                .as("what the manager's JVM sees")
                .noneMatch(
                        entry -> OPTIONS_OF_SERVICES.containsKey(entry.substring(0, Math.max(0, entry.indexOf('=')))));
        assertThat(manager.said()).doesNotContain("Picked up");
    }

    @Test
    void anInnerManagerHandsThemOnAsWell() throws Exception {
        OPTIONS_OF_SERVICES.forEach(manager::with);
        ServiceWriter.write(
                file("inner/services/leaf/run"),
                true,
                ServiceWriter.shell("cat /proc/$$/environ > " + file("l") + "; mv " + file("l") + " " + file("leaf")
                        + "; exec sleep 1000"));
        ServiceWriter.write(file("inner/services/leaf/service.yaml"), false, "autostart: true\n");
        manager.script(
                        "box",
                        "run",
                        "exec bh run --services " + file("inner/services") + " --rundir " + file("inner/run")
                                + " --logdir " + file("inner/log"))
                .yaml("box", "ready: {path: " + file("leaf") + "}");
        manager.start();

        manager.run("bh-start", "box").succeeds();

        assertThat(witnessed("leaf"))
                .containsAllEntriesOf(OPTIONS_OF_SERVICES)
                .containsEntry("BELLHOP_RUNDIR", file("inner/run").toString())
                .containsEntry("BELLHOP_SERVICE", "leaf");
    }

    @Test
    void whatSomebodySetUnderTheNameOfWhatIsKeptIsNotMistaken() throws Exception {
        manager.with("BELLHOP_KEPT_JAVA_TOOL_OPTIONS", "never meant");
        makeWitness("web");
        manager.start();

        manager.run("bh-start", "web").succeeds();

        assertThat(witnessed("web")).doesNotContainKeys("JAVA_TOOL_OPTIONS", "BELLHOP_KEPT_JAVA_TOOL_OPTIONS");
    }

    private void awaitFile(String name) {
        Await.until(name + " is made", () -> Files.exists(file(name)));
    }

    /** Runs a program in a directory that was removed; of its standard error what the shell says itself is left out. */
    private Outcome nowhere(String... words) throws Exception {
        Path directory = Files.createDirectories(file("gone/deep"));
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh", "-c", "cd \"$1\" && rmdir \"$1\" && shift && exec \"$@\"", "sh", directory.toString()));
        command.addAll(List.of(words));
        String program = words[0];
        command.set(
                5,
                program.startsWith("/")
                        ? program
                        : ImageManager.IMAGE.resolve("bin/" + program).toString());
        Outcome result = manager.run(command);
        String err = result.err()
                .lines()
                .filter(line -> !line.contains("getcwd"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
        return new Outcome(result.status(), result.out(), err);
    }

    private void isRefused(int status, String... words) throws Exception {
        Outcome result = nowhere(words).exits(status);
        assertThat((result.out() + result.err()).lines())
                .as("%s", List.of(words))
                .hasSize(1)
                .first()
                .asString()
                .contains("is relative, and the working directory was removed; expected an absolute path");
    }

    private void isSilent(String out, String... words) throws Exception {
        Outcome result = nowhere(words).succeeds();
        assertThat(result.out()).isEqualTo(out);
        assertThat(result.err()).isEmpty();
    }

    @Test
    void everyProgramWorksFromADirectoryThatWasRemoved() throws Exception {
        manager.script("web", "run", "exec sleep 1000");
        manager.start();

        isSilent("", "bh", "start", "web");
        isSilent("started\n", "bh-status", "web");
        isSilent("", "semaphore", file("counter").toString(), "+");
        isSilent("", "state", file("word").toString(), "up");
        isSilent("", "escort", file("socket").toString(), "sleep", "1000");
        isSilent("", "connect", file("socket").toString());
        Path up = Path.of("..", file("gone").relativize(ImageManager.IMAGE).toString(), "bin", "bh");
        assertThat(nowhere("/bin/sh", "-c", "exec " + up + " status web")
                        .succeeds()
                        .out())
                .isEqualTo("started\n");
        Files.createDirectory(file("none"));
        assertThat(nowhere(
                                "bh",
                                "run",
                                "--services",
                                file("none").toString(),
                                "--rundir",
                                file("other").toString(),
                                "--exit-with",
                                "nosuch")
                        .exits(1)
                        .err())
                .contains("nosuch")
                .hasLineCount(1);
    }

    @Test
    void aRelativePathIsRefusedThere() throws Exception {
        isRefused(69, "bh", "--rundir", "run", "status");
        isRefused(1, "bh", "run", "--rundir", "run");
        isRefused(1, "bh", "run", "--services=services");
        isRefused(1, "bh", "check", "./services");
        isRefused(2, "semaphore", "counter", "+");
        isRefused(2, "state", "word", "up");
        isRefused(1, "escort", "socket", "sleep", "1000");
        isRefused(1, "escort", file("socket").toString(), "./sleep", "1000");
        isRefused(1, "connect", "socket");
        manager.with("BELLHOP_RUNDIR", "run");
        isRefused(69, "bh-status");
        isRefused(69, "bh", "status");
    }

    @Test
    void aManagerWhoseDirectoryGoesAwayCanBeReplaced() throws Exception {
        manager.script("web", "run", "exec sleep 1000");
        Path directory = Files.createDirectory(file("began"));
        manager.in(directory).start();
        manager.run("bh-start", "web").succeeds();
        Files.delete(directory);

        manager.run("bh", "upgrade").succeeds();
        manager.run("bh", "upgrade").succeeds();

        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void quitEndsTheManagerInOrderAsItEndsEscort() throws Exception {
        manager.script("web", "run", "exec sleep 1000").script("web", "post", "touch " + file("post"));
        manager.start();
        manager.run("bh-start", "web").succeeds();
        manager.run("bh", "upgrade").succeeds();
        manager.run(
                        "escort",
                        file("socket").toString(),
                        "sh",
                        "-c",
                        "trap 'touch " + file("told") + "; exit' TERM; touch " + file("waits")
                                + "; while :; do sleep 0.05; done")
                .succeeds();
        awaitFile("waits");

        signal("QUIT", escort());
        awaitFile("told");
        signal("QUIT", manager.pid());

        manager.awaitSaid("ended");
        assertThat(file("post")).exists();
        assertThat(manager.said()).contains("SIGQUIT: stopping everything").doesNotContain("thread dump");
    }

    private long escort() throws IOException {
        for (Processes.Entry process :
                Processes.withVariable("BELLHOP_RUNDIR", file("run").toString())) {
            if (process.name().equals("java") && process.pid() != manager.pid()) {
                return process.pid();
            }
        }
        throw new AssertionError("no escort");
    }

    private static void signal(String signal, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-s", signal, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void quitEndsAClientThatWaits() throws Exception {
        manager.script("slow", "pre", "touch " + file("waits"), "exec sleep 1000")
                .script("slow", "run", "exec sleep 1000");
        manager.start();
        Process client = new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -c 0; exec \"$@\"",
                        "sh",
                        ImageManager.IMAGE.resolve("bin/bh").toString(),
                        "--rundir",
                        file("run").toString(),
                        "start",
                        "slow")
                .redirectErrorStream(true)
                .start();
        awaitFile("waits");

        signal("QUIT", client.pid());

        assertThat(client.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(client.exitValue()).isEqualTo(128 + 3);
        assertThat(client.inputReader().lines()).isEmpty();
        manager.run("bh-stop", "slow").succeeds();
    }
}
