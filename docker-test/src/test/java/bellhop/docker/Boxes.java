package bellhop.docker;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Network;

/**
 * The containers of one scenario: they are gone after it, and where it failed it is told what they wrote and how
 * their services were.
 */
final class Boxes implements BeforeEachCallback, AfterEachCallback {

    static {
        // The variable that docker itself reads: an old engine refuses what this library asks for.
        String version = System.getenv("DOCKER_API_VERSION");
        if (version != null) {
            System.setProperty("api.version", version);
        }
    }

    private static final class Engine {
        static final boolean ANSWERS = DockerClientFactory.instance().isDockerAvailable();

        static {
            if (!ANSWERS) {
                System.err.println("SKIPPED: no Docker engine answers, so the whole system in containers is not tested:"
                        + " first process, terminals, hardware, sshd, docker stop, limits; ./verify brings one up");
            }
        }
    }

    private static final int LAST_LINES = 200;

    private final List<Box> boxes = new ArrayList<>();
    private final List<Network> networks = new ArrayList<>();

    /** A container that is not started yet. */
    Box box() {
        Box box = new Box();
        boxes.add(box);
        return box;
    }

    /** A container without Bellhop, that is not started yet, and whose first process these words will be. */
    Box plainBox(String... words) {
        Box box = Box.plain(words);
        boxes.add(box);
        return box;
    }

    /** A container of Debian alone, that is not started yet. */
    Box cleanBox() {
        Box box = Box.clean();
        boxes.add(box);
        return box;
    }

    /** A network for some of them. */
    Network network() {
        Network network = Network.builder()
                .createNetworkCmdModifier(command -> command.withLabels(Image.MARK))
                .build();
        networks.add(network);
        return network;
    }

    /** Skips the scenario where no engine answers, or fails it there if {@code -Ddocker.required=true}. */
    @Override
    public void beforeEach(ExtensionContext context) {
        if (!Engine.ANSWERS && Boolean.getBoolean("docker.required")) {
            fail("no Docker engine answers");
        }
        assumeTrue(Engine.ANSWERS, "no Docker engine answers");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent() && !boxes.isEmpty()) {
            StringBuilder report = new StringBuilder("FAILED: "
                    + context.getRequiredTestClass().getSimpleName() + "." + context.getDisplayName() + "\n");
            boxes.forEach(box -> report.append(story(box)));
            System.err.println(report);
        }
        boxes.forEach(Box::stop);
        networks.forEach(Network::close);
    }

    private static String story(Box box) {
        List<String> log = box.log().lines().toList();
        StringBuilder story = new StringBuilder("---- the container's log, its end\n");
        log.stream()
                .skip(Math.max(0, log.size() - LAST_LINES))
                .forEach(line -> story.append(line).append('\n'));
        if (box.isRunning()) {
            story.append("---- bh status\n").append(box.run("bh", "status").said());
            story.append("---- processes\n")
                    .append(box.run("ps", "-eo", "pid,ppid,pgid,sid,stat,args").said());
        }
        return story.append("----\n").toString();
    }
}
