package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;

/**
 * Verifies the lines of {@code docs/container.md} by executing them, with the program {@code docker}. The image, the
 * containers and the port have other names than on the page, because others may use the same engine.
 */
@Timeout(300)
class ContainerGuideIT {

    private static final String PAGE = "docs/container.md";
    private static final String PROMPT = "$ ";
    private static final long LIMIT_S = Box.LIMIT.toSeconds();

    /** The lines call this in place of the program; {@code $IMAGE}, {@code $BASE} and the like are set for it. */
    private static final String DOCKER = """
            docker() {
                verb=$1
                shift
                for word; do
                    shift
                    case $verb-$word in
                        build-web | run-web) set -- "$@" "$IMAGE" ;;
                        run-8080:8080) set -- "$@" 8080 ;;
                        *-CONTAINER*) set -- "$@" "$CONTAINER${word#CONTAINER}" ;;
                        *) set -- "$@" "$word" ;;
                    esac
                done
                case $verb in
                    build) command docker build --label "$MARK" --build-arg "BASE=$BASE" "$@" ;;
                    run) command docker run --label "$MARK" --label "bellhop.guide=$IMAGE" $DETACH "$@" ;;
                    *) command docker "$verb" "$@" ;;
                esac
            }
            """;

    @RegisterExtension
    final Boxes boxes = new Boxes();

    @TempDir
    Path folder;

    private final String image = "bellhop-guide:" + UUID.randomUUID();

    @BeforeEach
    void buildAsThePageDoes() throws Exception {
        List<String> lines = Guide.lines(PAGE, "## An image").lines().toList();
        assertThat(lines.getFirst()).contains("docker build");
        ok(Image.TOP, "", "", lines.getFirst());
    }

    @AfterEach
    void removeAll() throws Exception {
        ok(
                folder,
                "",
                "",
                "docker rm -f $(docker ps -aq --filter label=bellhop.guide=$IMAGE) >/dev/null 2>&1; docker rmi -f $IMAGE");
    }

    @Test
    void theExampleServesAndIsAskedAsThePageSays() throws Exception {
        String container =
                start(Guide.lines(PAGE, "## An image").lines().toList().get(1));
        String port = ok(folder, "", container, "docker port CONTAINER 8080")
                .lines()
                .findFirst()
                .orElseThrow()
                .replaceFirst(".*:", "");
        URI address = URI.create("http://" + DockerClientFactory.instance().dockerHostIpAddress() + ":" + port + "/");
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                            .body())
                    .contains("At your service");
        }

        Path worker = Files.createDirectory(folder.resolve("worker"));
        Files.writeString(worker.resolve("run"), "#!/bin/sh\necho at work\nexec sleep 1000\n");
        assertThat(worker.resolve("run").toFile().setExecutable(true, false)).isTrue();
        List<String> inside = Guide.lines(PAGE, "## What is inside").lines().toList();
        StringBuilder printed = new StringBuilder();
        for (String line : inside) {
            if (line.startsWith(PROMPT)) {
                printed.append(line).append('\n');
                printed.append(ok(folder, "", container, line.substring(PROMPT.length())));
            }
        }
        assertThat(settled(printed.toString())).isEqualTo(settled(String.join("\n", inside) + "\n"));
        Await.until(() -> "worker at work", () -> log(container).contains("worker: at work\n"));
        assertThat(settled(log(container)
                        .lines()
                        .filter(line -> !line.contains("restart web"))
                        .distinct()
                        .reduce("", (all, line) -> all + line + "\n")))
                .contains(settled(Guide.lines(PAGE, "## Output")).lines().toList());
    }

    @Test
    void theLinesForADockerfileBuild() throws Exception {
        String lines = String.join(
                "\n",
                Guide.lines(PAGE, "## An image")
                        .lines()
                        .filter(it -> it.startsWith("RUN "))
                        .toList());
        assertThat(lines.lines()).hasSize(2);
        build(lines);

        String there = "docker run --rm --entrypoint sh web -c '[ -x /etc/bellhop/services.d/sshd/run ]"
                + " && [ -s /usr/lib/bellhop/lib/manager.aot ]'";
        ok(folder, "", "", there);
    }

    @Test
    void aReadOnlyRootAndAnOrdinaryUserAreEnough() throws Exception {
        List<String> lines = Guide.lines(PAGE, "## A read-only root, an ordinary user")
                .lines()
                .toList();
        assertThat(lines).hasSize(2);
        for (String line : lines) {
            String container = start(line);
            ok(folder, "", container, "! docker exec CONTAINER touch /etc/new 2>/dev/null");
            ok(folder, "", container, "docker stop CONTAINER");
            assertThat(ok(folder, "", container, "docker inspect -f '{{.State.ExitCode}}' CONTAINER"))
                    .isEqualTo("0\n");
        }
    }

    @Test
    void theContainerEndsAsTheServiceThatItIsFor() throws Exception {
        build(
                "RUN mkdir /etc/bellhop/services.d/migration && printf 'command: [sh, -c, \"exit 7\"]\\nautostart: true\\n"
                        + "restart: \"no\"\\n' >/etc/bellhop/services.d/migration/service.yaml");

        run(folder, "", "", Guide.lines(PAGE, "## Exit statuses")).exits(7);
    }

    /** Adds lines of a Dockerfile to the image. */
    private void build(String lines) throws Exception {
        Path dockerfile = folder.resolve("Dockerfile");
        Files.writeString(dockerfile, "FROM " + image + "\n" + lines + "\n");
        ok(folder, "", "", "docker build -t web - <Dockerfile");
    }

    /** Runs a line that starts a container in the background, and returns its name once the web server answers. */
    private String start(String line) throws Exception {
        String container = ok(folder, "-d", "", line).strip();
        Await.until(
                () -> "web is started in " + container + ": " + log(container),
                () -> run(folder, "", container, "docker exec CONTAINER bh-status web")
                                .status()
                        == 0);
        return container;
    }

    private String log(String container) {
        try {
            return ok(folder, "", container, "docker logs CONTAINER 2>&1");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw Box.interrupted(e);
        }
    }

    private String ok(Path directory, String detach, String container, String lines)
            throws IOException, InterruptedException {
        return run(directory, detach, container, lines).exits(0).out();
    }

    private Outcome run(Path directory, String detach, String container, String lines)
            throws IOException, InterruptedException {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", DOCKER + lines).directory(directory.toFile());
        shell.environment().put("IMAGE", image);
        shell.environment().put("BASE", Image.base());
        shell.environment().put("MARK", Image.MARK.entrySet().iterator().next().toString());
        shell.environment().put("DETACH", detach);
        shell.environment().put("CONTAINER", container);
        return new Execution(shell, folder).outcome(LIMIT_S);
    }

    /** Without what is different each time, and the width of columns with it. */
    private static String settled(String text) {
        return text.replaceAll("\\d\\d:\\d\\d:\\d\\d", "TIME")
                .replaceAll("\\b\\d+(\\.\\d+)? ?(ms|s|min)\\b", "AGE")
                .replaceAll("(?<=pid )\\d+", "PID")
                .replaceAll("(?m)^(web +started +)\\d+", "$1PID")
                .replaceAll("(?m) +NOTES$", "")
                .replaceAll(" +", " ");
    }
}
