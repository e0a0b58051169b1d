package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Examples;
import bellhop.Execution;
import bellhop.ServiceWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs each line {@code .Dl} among the examples of the manual pages of section 1, in their order. All of them exit 0
 * without a complaint, beside a manager with the services that are made here, all of which are started before each line.
 */
@Timeout(180)
class ExamplesIT {

    private static final String FOREVER = "exec sleep 1000";

    static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("..", "docs", "man"))) {
            return files.filter(file -> file.toString().endsWith(".1")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void eachExampleWorks(Path page) throws Exception {
        List<String> examples = Examples.of(page);
        assertThat(examples).as("examples of %s", page).isNotEmpty();
        try (ImageManager manager = new ImageManager()) {
            for (String service : List.of("database", "getty", "sshd", "web")) {
                manager.script(service, "run", "trap '' HUP", "echo I am " + service, FOREVER);
            }
            manager.yaml("getty", "template: true");
            Path program = manager.root().resolve("programs/dropbear");
            ServiceWriter.write(program, true, ServiceWriter.shell(FOREVER));
            ServiceWriter.write(manager.root().resolve("services.d/batch/run"), true, ServiceWriter.shell("echo done"));
            ServiceWriter.write(manager.root().resolve("services.d/batch/service.yaml"), false, "restart: no\n");
            ServiceWriter.write(
                    manager.root().resolve("old/web.service"), false, "[Service]\nExecStart=/bin/sleep 1000\n");
            ServiceWriter.write(
                    manager.root().resolve("old/compose.yaml"),
                    false,
                    "services: {cache: {command: /bin/sleep 1000}}\n");
            manager.with(
                            "PATH",
                            ImageManager.IMAGE.resolve("bin") + ":" + program.getParent() + ":" + System.getenv("PATH"))
                    .with("BELLHOP_ENABLED", manager.root().resolve("enabled").toString())
                    .start();
            for (String example : examples) {
                if (example.startsWith("bh run ")) {
                    runAnotherManager(manager, example);
                } else if (example.startsWith("bh top") || example.contains("--watch")) {
                    quitAtTerminal(manager, example);
                } else {
                    manager.run("bh-start", "database", "getty@ttyS0", "sshd", "web");
                    assertThat(manager.run("/bin/sh", "-c", example))
                            .as("%s: %s", page, example)
                            .satisfies(it -> it.exits(0))
                            .satisfies(it -> assertThat(it.err()).isEmpty());
                }
            }
        }
    }

    /** What draws again and again until {@code q} is pressed, on a terminal. */
    private static void quitAtTerminal(ImageManager manager, String example) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Programs.needed("script", "bsdutils"), "-qec", "stty cols 80 rows 24; " + example, "/dev/null")
                .directory(manager.root().toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        Files.createTempFile(manager.root(), "drawn", "").toFile());
        manager.environment(builder);
        builder.environment().put("TERM", "vt100");
        Process process = builder.start();
        try (OutputStream keys = process.getOutputStream()) {
            // A key that is pressed before the first drawing may be dropped.
            Await.until(example + " ends", () -> {
                if (process.isAlive()) {
                    press(keys);
                }
                return process.waitFor(50, TimeUnit.MILLISECONDS);
            });
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(example).isZero();
    }

    private static void press(OutputStream keys) {
        try {
            keys.write('q');
            keys.flush();
        } catch (IOException e) {
            // it has just ended
        }
    }

    /** It ends by itself, or by TERM once it answers. */
    private static void runAnotherManager(ImageManager manager, String example) throws Exception {
        Path run = manager.root().resolve("another");
        Path log = Files.createDirectories(manager.root().resolve("another-log"));
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", "exec " + example)
                .directory(manager.root().toFile());
        manager.environment(builder);
        builder.environment().put("BELLHOP_RUNDIR", run.toString());
        builder.environment().put("BELLHOP_LOGDIR", log.toString());
        Execution another = new Execution(builder, manager.root());
        if (!example.contains("--exit-with")) {
            Await.until(
                    () -> "the manager of " + example + " answers",
                    () -> Files.exists(run.resolve("control.sock"))
                            || !another.process().isAlive());
            another.process().destroy();
        }
        assertThat(another.outcome()).as(example).satisfies(it -> it.exits(0));
    }
}
