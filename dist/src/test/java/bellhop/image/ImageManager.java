package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A manager of the built image with folders of its own, and the programs of the image that talk to it.
 *
 * <p>Closing it stops the manager as a terminal would, and fails if that leaves a process, a socket or
 * a FIFO behind; what was left is killed all the same, by its process number.
 */
final class ImageManager implements ServiceWriter<ImageManager>, AutoCloseable {

    /** The image that this module builds. */
    static final Path IMAGE = Path.of(System.getProperty("bellhop.image", "target/bellhop"))
            .toAbsolutePath()
            .normalize();

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path image;
    private final Path root;
    private final Map<String, String> environment = new TreeMap<>();
    private Path directory;
    private List<String> wrapper = List.of();
    private Process manager;

    /** Folders without a manager; short ones, for the path of a socket has 107 bytes at most. */
    ImageManager() throws IOException {
        this(IMAGE);
    }

    /** The same of another image. */
    ImageManager(Path image) throws IOException {
        this.image = image;
        assertThat(image.resolve("bin/bh")).as("a program of the image").isExecutable();
        root = Files.createTempDirectory(Path.of("/tmp"), "bh");
        directory = root;
        Files.createDirectory(services());
        Files.createDirectory(root.resolve("log"));
        Files.createDirectory(
                runDir(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        environment.put("BELLHOP_SERVICES", services().toString());
        environment.put("BELLHOP_RUNDIR", runDir().toString());
        environment.put("BELLHOP_LOGDIR", root.resolve("log").toString());
    }

    /** A folder that tests may put files in, and that is removed with the rest. */
    Path root() {
        return root;
    }

    Path services() {
        return root.resolve("services");
    }

    private Path runDir() {
        return root.resolve("run");
    }

    /** Puts a variable into the environment of the manager, and so of all services. */
    ImageManager with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Copies one of the services that Bellhop brings. */
    ImageManager withReadyMade(String name) throws IOException {
        Path to = Files.createDirectory(services().resolve(name));
        try (Stream<Path> files = Files.list(Path.of("..", "services.d", name))) {
            for (Path file : files.toList()) {
                Path copy = Files.copy(file, to.resolve(file.getFileName()));
                Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(file));
            }
        }
        return this;
    }

    @Override
    public ImageManager write(String path, boolean isExecutable, String content) {
        ServiceWriter.write(services().resolve(path), isExecutable, content);
        return this;
    }

    /** Has the manager start in this directory. */
    ImageManager in(Path start) {
        directory = start;
        return this;
    }

    /** Has these words executed, which execute the manager in their place. */
    ImageManager within(String... words) {
        wrapper = List.of(words);
        return this;
    }

    /** Has what is started by this find the manager. */
    void environment(ProcessBuilder builder) {
        builder.environment().putAll(environment);
    }

    /** Starts the manager and returns once it answers. */
    ImageManager start() throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(wrapper);
        words.addAll(List.of(program("bh"), "run"));
        ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
        environment(builder);
        builder.redirectErrorStream(true)
                .redirectOutput(root.resolve("manager.out").toFile());
        manager = builder.start();
        manager.getOutputStream().close();
        // The last way in that it opens: the others are open by then.
        await("the manager offers its socket", () -> Files.exists(runDir().resolve("control.sock")));
        run("bh-status").succeeds();
        return this;
    }

    /** Kills the manager; the services go on, for the next one. */
    ImageManager kill() throws IOException {
        manager.destroyForcibly().onExit().join();
        // It would seem to be the next manager's.
        Files.delete(runDir().resolve("control.sock"));
        return this;
    }

    /** The number of the manager's process. */
    long pid() {
        return manager.pid();
    }

    /** What the manager wrote so far. */
    String said() {
        try {
            Path out = root.resolve("manager.out");
            return Files.exists(out) ? Files.readString(out) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Outcome run(String... words) throws IOException, InterruptedException {
        return run(List.of(words));
    }

    /** Runs a program of the image, or another by its path, within the time limit. */
    Outcome run(List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(words);
        command.set(0, program(words.getFirst()));
        ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
        environment(builder);
        Execution execution = new Execution(builder, root);
        Outcome outcome = execution.outcome();
        Files.delete(execution.out());
        Files.delete(execution.err());
        return outcome;
    }

    /** The state word of a service. */
    String state(String service) throws IOException, InterruptedException {
        return run("bh-status", service).out().strip();
    }

    /** Waits until the log of a service has that many lines with this text. */
    void awaitLog(String service, int times, String text) throws IOException {
        await(
                "the log of " + service + " has \"" + text + "\" times " + times,
                () -> log(service).lines().filter(line -> line.contains(text)).count() >= times);
    }

    /** A line of a script that writes a text without quotes, and goes on once that is in the service's log. */
    String logged(String service, String text) {
        return "echo '%1$s'; until grep -qs '%1$s' '%2$s'; do sleep 0.02; done".formatted(text, logFile(service));
    }

    private Path logFile(String service) {
        return root.resolve("log").resolve(service).resolve("current");
    }

    /** What a service wrote. */
    String log(String service) throws IOException {
        Path current = logFile(service);
        return Files.exists(current) ? Files.readString(current) : "";
    }

    /** Waits until the manager itself has said this. */
    void awaitSaid(String text) throws IOException {
        await("the manager says \"" + text + "\"", () -> said().contains(text));
    }

    private void await(String what, Await.Condition<IOException> condition) throws IOException {
        Await.until(() -> what + "; the manager said: " + said(), () -> {
            boolean isAlive = manager.isAlive();
            boolean holds = condition.holds();
            assertThat(holds || isAlive)
                    .as("the manager ended before %s; it said: %s", what, said())
                    .isTrue();
            return holds;
        });
    }

    /** The processes that the manager started itself or inherited. */
    List<Processes.Entry> children() throws IOException {
        return Processes.all().stream()
                .filter(process -> process.parent() == manager.pid() && process.state() != 'Z')
                .toList();
    }

    /** The processes of one service, told by the environment that its scripts got. */
    List<Processes.Entry> processes(String service) throws IOException {
        return Processes.withVariable("BELLHOP_RUNDIR", runDir().toString()).stream()
                .filter(process -> Processes.hasVariable(process.pid(), "BELLHOP_SERVICE", service))
                .toList();
    }

    @Override
    public void close() throws IOException {
        List<String> faults = new ArrayList<>();
        if (manager != null) {
            manager.destroy();
            var end = manager.onExit().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (end.handle((ended, late) -> late != null).join()) {
                faults.add("the manager did not end within " + LIMIT + " of TERM");
                manager.destroyForcibly().onExit().join();
            } else if (manager.exitValue() != 0) {
                faults.add("the manager exited " + manager.exitValue());
            }
        }
        for (Processes.Entry left : Processes.withVariable("BELLHOP_RUNDIR", runDir().toString())) {
            faults.add("left alive: " + left);
            ProcessHandle.of(left.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
        if (manager != null && Files.exists(runDir())) {
            try (Stream<Path> left = Files.walk(runDir())) {
                left.filter(file -> !Files.isDirectory(file) && !Files.isRegularFile(file))
                        .forEach(file -> faults.add("left behind: " + file));
            }
        }
        String said = said();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        assertThat(faults).as("a clean stop; the manager said:%n%s", said).isEmpty();
    }

    private String program(String name) {
        return image.resolve("bin").resolve(name).toString(); // itself if it is a path
    }
}
