package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import bellhop.Statuses;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** One container with Bellhop in it: what is put into it before, what is asked of it while it runs, how it ended. */
final class Box extends GenericContainer<Box> implements ServiceWriter<Box>, Statuses {

    /** How long anything may take on a busy machine. */
    static final Duration LIMIT = Duration.ofSeconds(90);

    private static final String SERVICES = "/etc/bellhop/services.d/";
    private static final int EXECUTABLE = 0755;
    private static final int PLAIN = 0644;

    private final StringBuilder log = new StringBuilder();

    Box() {
        this(Image.name());
    }

    private Box(String image) {
        super(DockerImageName.parse(image));
        withImagePullPolicy(it -> false);
        withLabels(Image.MARK);
        // Without the Dockerfile's limit for the stop: here it may take its time.
        withCommand("--console");
        withLogConsumer(this::add);
        waitingFor(new Answers());
    }

    /** One without Bellhop, whose first process these words are. */
    static Box plain(String... words) {
        return of(Image.plain(), words);
    }

    /** One of Debian alone, without Bellhop and the programs of the scenarios; its first process does nothing. */
    static Box clean() {
        return of(Image.clean(), "sleep", "infinity");
    }

    private static Box of(String image, String... words) {
        return new Box(image)
                .expectingToEnd()
                .withCommand()
                .withCreateContainerCmdModifier(command -> command.withEntrypoint(words));
    }

    /** Returns from the start of the container once the manager in it answers. */
    private static final class Answers extends AbstractWaitStrategy {
        @Override
        protected void waitUntilReady() {
            ((Box) waitStrategyTarget).awaitManager();
        }
    }

    @Override
    public Box write(String path, boolean isExecutable, String content) {
        return file(SERVICES + path, isExecutable ? EXECUTABLE : PLAIN, content);
    }

    /** Puts one of the services that Bellhop brings into the container. */
    Box readyMade(String service) {
        return withCopyFileToContainer(
                MountableFile.forHostPath(
                        Image.BELLHOP.resolve("share/services.d").resolve(service)),
                SERVICES + service);
    }

    /** Puts a program for the PATH into the container; the lines come after {@code #!/bin/sh}. */
    Box program(String name, String... lines) {
        return file("/usr/local/bin/" + name, EXECUTABLE, ServiceWriter.shell(lines));
    }

    /** Puts a file into the container. */
    Box file(String path, String content) {
        return file(path, PLAIN, content);
    }

    private Box file(String path, int mode, String content) {
        return withCopyToContainer(Transferable.of(content, mode), path);
    }

    /** Runs a program in the container as {@code docker exec} does. */
    Outcome run(String... words) {
        try {
            ExecResult result = execInContainer(words);
            return new Outcome(result.getExitCode(), result.getStdout(), result.getStderr());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public Outcome ask(String... words) {
        return run(Stream.concat(Stream.of("bh"), Stream.of(words)).toArray(String[]::new));
    }

    /** Runs lines of shell in the container. */
    Outcome shell(String... lines) {
        return run("sh", "-c", String.join("\n", lines));
    }

    /** Waits until a shell in the container finds that something is so. */
    void awaitThat(String condition) {
        Outcome result = shell(
                "end=$(($(cut -d. -f1 /proc/uptime) + %d))".formatted(LIMIT.toSeconds()),
                "until { %s; } >/dev/null 2>&1; do".formatted(condition),
                "[ $(cut -d. -f1 /proc/uptime) -lt $end ] || exit 9",
                "sleep 0.1",
                "done");
        assertThat(result.status())
                .as("waited %s for: %s %s", LIMIT, condition, result.err())
                .isZero();
    }

    /** Has the start of the container not wait for a manager. */
    Box expectingToEnd() {
        return withStartupCheckStrategy(new StartupCheckStrategy() {
                    @Override
                    public StartupStatus checkStartupState(DockerClient docker, String container) {
                        return StartupStatus.SUCCESSFUL;
                    }
                })
                .waitingFor(new NoWait());
    }

    private static final class NoWait extends AbstractWaitStrategy {
        @Override
        protected void waitUntilReady() {}
    }

    /** Waits until a manager answers. */
    void awaitManager() {
        awaitThat("bh-status; [ $? != 69 ]");
    }

    /** Looks from inside: to begin a program in a container takes long. */
    @Override
    public void awaitState(String service, String word) {
        awaitThat("[ \"$(bh-status '%s')\" = %s ]".formatted(service, word));
    }

    /** What the container has written so far. */
    String log() {
        synchronized (log) {
            return log.toString();
        }
    }

    private void add(OutputFrame frame) {
        synchronized (log) {
            log.append(frame.getUtf8String());
        }
    }

    /** Waits until the container has written this. */
    void awaitLog(String text) {
        Await.until(() -> "\"" + text + "\" in the log: " + log(), () -> log().contains(text));
    }

    /** What {@code docker stop} does: TERM for the first process, and KILL once the grace time is over. */
    Box dockerStop(Duration grace) {
        dockerClient
                .stopContainerCmd(getContainerId())
                .withTimeout((int) grace.toSeconds())
                .exec();
        return this;
    }

    /** What {@code docker start} does for a container that has ended; returns once its manager answers. */
    Box dockerStart() {
        dockerClient.startContainerCmd(getContainerId()).exec();
        awaitManager();
        return this;
    }

    /** What {@code docker kill --signal} does. */
    Box dockerKill(String signal) {
        dockerClient.killContainerCmd(getContainerId()).withSignal(signal).exec();
        return this;
    }

    /** Waits until the first process has ended, and returns its exit status. */
    long exitStatus() {
        try (WaitContainerResultCallback end =
                dockerClient.waitContainerCmd(getContainerId()).exec(new WaitContainerResultCallback())) {
            end.awaitStatusCode(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return Objects.requireNonNull(state().getExitCodeLong());
    }

    /** The container's terminal, where it was made {@link #withTerminal}. */
    Terminal terminal() {
        return new Terminal(dockerClient, getContainerId());
    }

    /** Gives the container a terminal, as {@code docker run -it} does. */
    Box withTerminal() {
        return withCreateContainerCmdModifier(command -> command.withTty(true).withStdinOpen(true));
    }

    /** What docker knows of the first process. */
    InspectContainerResponse.ContainerState state() {
        return dockerClient.inspectContainerCmd(getContainerId()).exec().getState();
    }

    static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }
}
