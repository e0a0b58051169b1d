package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import bellhop.Statuses;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Verifies that this image takes over from one that was built of an old commit: services of all kinds go on as they
 * were, and what came since then works on them.
 */
@Timeout(600)
class EarlierImageIT {

    /** Its records have format 2, the oldest that is still read, with labels as the holds of devices. */
    private static final String COMMIT = "c29a019";

    private static final int BUILD_LIMIT_S = 600;
    private static final List<String> PLAIN =
            IntStream.rangeClosed(1, 8).mapToObj(i -> "plain-" + i).toList();
    private static final String RUN = "echo $$ >>\"$MARKS/$BELLHOP_SERVICE.runs\"";
    private static final String POST = "echo $BELLHOP_SERVICE >>\"$MARKS/posts\"";

    private static Path earlier;

    @TempDir
    private Path folder;

    private Path image;
    private Path marks;

    /** How the manager of this image comes in the place of the other one. */
    enum Way {
        UPGRADE,
        KILL
    }

    /** What goes on as it was. */
    private record Life(String state, int pid, List<String> wantedBy) {}

    /** Builds it once; its sources are nowhere else than in the history. */
    @BeforeAll
    static void buildTheEarlierImage(@TempDir Path said) throws Exception {
        String git = Programs.needed("git", "git");
        String maven = Programs.needed("mvn", "maven");
        Path cached = ImageManager.IMAGE.resolveSibling("earlier");
        earlier = cached.resolve(COMMIT);
        if (Files.exists(earlier)) {
            return;
        }
        Path clone = Path.of("..").toAbsolutePath().normalize();
        Outcome known = new Execution(
                        new ProcessBuilder(git, "-C", clone.toString(), "cat-file", "-e", COMMIT + "^{commit}"), said)
                .outcome();
        Programs.neededThat(
                known.status() == 0,
                "the history of these sources is not here, so no image of " + COMMIT + " to take over from");
        Path work = Files.createTempDirectory(Files.createDirectories(cached), "build");
        String build = "umask 022; git -C \"$1\" -c tar.umask=0022 archive $2 | tar -xf - && exec \"$3\" -B -ntp"
                + " package -pl dist -am -Dmaven.test.skip=true -Dspotless.check.skip=true -Darchive.skip=true";
        new Execution(
                        new ProcessBuilder("sh", "-c", build, "sh", clone.toString(), COMMIT, maven)
                                .directory(work.toFile()),
                        said)
                .outcome(BUILD_LIMIT_S)
                .exits(0);
        Files.move(work.resolve("dist/target/bellhop"), earlier);
        new Execution(new ProcessBuilder("rm", "-rf", work.toString()), said)
                .outcome()
                .succeeds();
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void everyServiceGoesOnAsItWasAndIsLookedAfter(Way way) throws Exception {
        image = folder.resolve("image");
        switchTo(earlier);
        marks = Files.createDirectory(folder.resolve("marks"));
        Path wlan0 = folder.resolve("sys/class/net/wlan0");
        Files.createDirectories(wlan0.resolve("phy80211"));
        Files.writeString(wlan0.resolve("ifindex"), "3\n");
        Files.writeString(wlan0.resolve("address"), "02:00:00:00:00:00\n");
        try (ImageManager manager = services(new ImageManager(image))
                .with("MARKS", marks.toString())
                .with("BELLHOP_SYSFS", folder.resolve("sys").toString())) {
            manager.start();
            Statuses statuses = words -> ask(manager, words);
            start(manager, statuses);
            Execution waiting = beginsAndWaits(manager, statuses);
            Map<String, Life> before = lives(statuses);
            assertThat(before).hasSizeGreaterThan(20);
            long pid = manager.pid();

            switchTo(ImageManager.IMAGE);
            switch (way) {
                case UPGRADE -> {
                    manager.run("bh", "upgrade").succeeds();
                    assertThat(manager.pid()).as("the same process").isEqualTo(pid);
                }
                case KILL -> manager.kill().start();
            }

            assertThat(waiting.outcome().exits(69).err()).contains("the manager went away");
            assertThat(lives(statuses)).isEqualTo(before);
            Files.createFile(marks.resolve("go"));
            statuses.awaitState("pre-waits", "started");
            assertThat(runs("pre-waits")).as("runs of pre-waits").isEqualTo(1);
            before.forEach((name, life) -> assertThat(runs(name))
                    .as("runs of %s", name)
                    .isEqualTo(name.equals("once") || name.equals("fails") ? 0 : 1));
            newVerbsAnswer(manager);
            whatDiesIsStartedAgain(statuses);
            theHoldOfTheDeviceIsTheDevices(statuses, wlan0);
            if (way == Way.UPGRADE) {
                theEarlierOneRefusesToTakeOver(manager, pid);
            }
            stops(manager, statuses);
            everyLineIsInTheLog(manager);
        }
    }

    /** JUnit warns of a link that leads out of the directory. */
    @AfterEach
    void removeTheLink() throws IOException {
        Files.delete(image);
    }

    private void switchTo(Path other) throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("next"), other);
        Files.move(link, image, StandardCopyOption.ATOMIC_MOVE);
    }

    private static ImageManager services(ImageManager manager) {
        PLAIN.forEach(name -> sleeper(manager, name));
        sleeper(manager, "database").script("database", "post", POST);
        sleeper(manager, "app")
                .script("app", "pre", "true")
                .script("app", "post", POST)
                .yaml("app", "requires: [database]");
        sleeper(manager, "cache").script("cache", "post", POST);
        sleeper(manager, "user")
                .script("user", "pre", "exec bh-require cache")
                .script("user", "post", POST, "exec bh-release cache");
        sleeper(manager, "held-down");
        sleeper(manager, "holder").yaml("holder", "requires: [held-down]");
        sleeper(manager, "template").yaml("template", "template: true");
        sleeper(manager, "radio")
                .script("radio", "post", POST)
                .yaml("radio", "triggers:", "  wifi: {interfaces: wlan*}");
        sleeper(manager, "pre-waits")
                .script("pre-waits", "pre", "until [ -e \"$MARKS/go\" ]; do sleep 0.02; done")
                .yaml("pre-waits", "timeouts: {pre: 10m}");
        return manager.script(
                        "logger", "run", RUN, "i=0", "while :; do i=$((i+1)); echo \"line $i\"; sleep 0.002; done")
                .script("once", "pre", "true")
                .script("once", "post", POST)
                .script("ends", "run", RUN, "exit 0")
                .yaml("ends", "restart: \"no\"")
                .script("fails", "pre", "exit 42")
                .yaml("fails", "restart: \"no\"")
                .script("crashes", "run", RUN, "exit 1")
                .script("crashes", "post", POST)
                .yaml("crashes", "restart_delay: 1h")
                .script("reports", "run", RUN, "echo >&3", "exec sleep 1000")
                .yaml("reports", "ready: {fd: 3}")
                .script("healthy", "run", RUN, "exec sleep 1000")
                .yaml("healthy", "healthcheck: {test: [CMD, \"true\"], interval: 100ms}");
    }

    private static ImageManager sleeper(ImageManager manager, String name) {
        return manager.script(name, "run", RUN, "exec sleep 1000");
    }

    private static void start(ImageManager manager, Statuses statuses) throws Exception {
        for (String name : PLAIN) {
            manager.run("bh-start", name).succeeds();
        }
        manager.run("bh-start", "app", "user", "holder", "logger", "once", "reports", "healthy", "crashes")
                .succeeds();
        manager.run("bh-start", "ends").exits(0);
        manager.run("bh-start", "fails").exits(1);
        manager.run("bh-require", "--owner", "me", "template@one").succeeds();
        manager.run("bh-stop", "held-down").exits(0);
        statuses.awaitState("radio@wlan0", "started");
        statuses.awaitState("ends", "finished");
        statuses.awaitState("crashes", "restarting");
        statuses.awaitStatus("healthy", "health", "healthy");
        manager.awaitLog("logger", 100, "line ");
    }

    private Execution beginsAndWaits(ImageManager manager, Statuses statuses) throws IOException {
        ProcessBuilder client = new ProcessBuilder(image.resolve("bin/bh-start").toString(), "pre-waits");
        manager.environment(client);
        Execution waiting = new Execution(client, folder);
        statuses.awaitPid("pre-waits");
        return waiting;
    }

    private static Outcome ask(ImageManager manager, String... words) throws IOException {
        try {
            return manager.run(Stream.concat(Stream.of("bh"), Stream.of(words)).toList());
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static Map<String, Life> lives(Statuses statuses) throws IOException {
        Map<String, Life> lives = new TreeMap<>();
        for (JsonNode status : statuses.statuses()) {
            lives.put(
                    status.path("name").asText(),
                    new Life(
                            status.path("state").asText(),
                            status.path("pid").asInt(),
                            status.path("wantedBy")
                                    .valueStream()
                                    .map(JsonNode::asText)
                                    .toList()));
        }
        return lives;
    }

    private long runs(String service) {
        Path file = marks.resolve(service + ".runs");
        try {
            return Files.exists(file) ? Files.readAllLines(file).size() : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void newVerbsAnswer(ImageManager manager) throws Exception {
        assertThat(manager.run("bh", "why", "database").succeeds().out()).contains("app");
        assertThat(manager.run("bh", "why", "held-down").succeeds().out()).contains("holder");
        assertThat(manager.run("bh", "events", "app").succeeds().out()).contains("adopted");
        assertThat(manager.run("bh", "tree").succeeds().out()).contains("cache", "user");
        assertThat(manager.run("bh-status", "app").succeeds().out()).isEqualTo("started\n");
        manager.run("bh", "wait", "once", "--until", "started").succeeds();
    }

    private void whatDiesIsStartedAgain(Statuses statuses) throws IOException {
        ProcessHandle.of(statuses.pid(PLAIN.getFirst())).orElseThrow().destroyForcibly();
        Await.until("it runs again", () -> runs(PLAIN.getFirst()) == 2);
    }

    private static void theHoldOfTheDeviceIsTheDevices(Statuses statuses, Path wlan0) throws IOException {
        Files.move(wlan0, wlan0.resolveSibling("eth0"));
        statuses.awaitState("radio@wlan0", "stopped");
    }

    private void theEarlierOneRefusesToTakeOver(ImageManager manager, long pid) throws Exception {
        switchTo(earlier);
        assertThat(manager.run("bh", "upgrade").exits(1).err()).contains("format 4", "the running manager goes on");
        switchTo(ImageManager.IMAGE);
        assertThat(manager.pid()).isEqualTo(pid);
    }

    private void stops(ImageManager manager, Statuses statuses) throws Exception {
        manager.run("bh-stopall").succeeds();

        assertThat(Files.readAllLines(marks.resolve("posts")))
                .containsExactlyInAnyOrder("radio@wlan0", "app", "database", "user", "cache", "once", "crashes")
                .containsSubsequence("app", "database")
                .containsSubsequence("user", "cache");
        assertThat(lives(statuses))
                .allSatisfy((name, life) ->
                        assertThat(life.pid()).as("process of %s", name).isZero());
    }

    private static void everyLineIsInTheLog(ImageManager manager) throws IOException {
        List<Integer> numbers = manager.log("logger")
                .lines()
                .map(line -> Integer.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
                .toList();
        assertThat(numbers)
                .isEqualTo(IntStream.rangeClosed(1, numbers.size()).boxed().toList());
    }
}
