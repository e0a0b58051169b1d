package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that an image without caches makes them behind its first manager, once, and works if it cannot. */
class TrainingIT {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    @TempDir
    private Path folder;

    private Path image;
    private Path lib;

    @BeforeEach
    void anImageWithoutCaches() throws Exception {
        image = folder.resolve("another place");
        lib = image.resolve("lib");
        assertThat(succeeds("cp", "-a", ImageManager.IMAGE.toString(), image.toString()))
                .isTrue();
        Files.delete(lib.resolve("manager.aot"));
        Files.delete(lib.resolve("client.aot"));
    }

    @AfterEach
    void nothingIsLeftOfTheTraining() throws Exception {
        for (Processes.Entry left : training()) {
            ProcessHandle.of(left.pid()).ifPresent(ProcessHandle::destroyForcibly);
            awaitEnd(left.pid());
        }
    }

    @Test
    void theFirstManagerHasTheCachesMadeAndTheSecondUsesThem() throws Exception {
        try (ImageManager manager = new ImageManager(image).script("clock", "run", "exec sleep 1000")) {
            manager.start();
            long trainer = awaitTraining("sh");
            assertThat(Files.readString(Path.of("/proc/" + trainer + "/environ")))
                    .as("nothing of the manager's")
                    .doesNotContain("BELLHOP_");
            assertThat(stat(trainer).get(16)).as("nice").isEqualTo("19");
            assertThat(stat(trainer).get(3)).as("a session of its own").isEqualTo(String.valueOf(trainer));
            assertThat(Path.of("/proc/" + trainer + "/oom_score_adj")).hasContent("1000");
            assertThat(succeeds(lib.resolve("train.sh").toString()))
                    .as("who comes second leaves")
                    .isTrue();
            assertThat(ProcessHandle.of(trainer)).as("the first goes on").isPresent();
            manager.run("bh-start", "clock").succeeds();

            awaitEnd(trainer);

            assertThat(lib.resolve("manager.aot")).isNotEmptyFile();
            assertThat(lib.resolve("client.aot")).isNotEmptyFile();
            assertThat(names(lib)).isEqualTo(names(ImageManager.IMAGE.resolve("lib")));
            assertThat(training()).isEmpty();
            assertThat(manager.state("clock")).isEqualTo("started");
            assertThat(manager.said()).doesNotContain("cache");
        }
        try (ImageManager manager = new ImageManager(image)) {
            manager.start();

            assertThat(Files.readString(Path.of("/proc/" + manager.pid() + "/maps")))
                    .contains(lib.resolve("manager.aot").toString());
            assertThat(training()).as("it is not done again").isEmpty();
            assertThat(lib.resolve("untrained")).doesNotExist();
        }
    }

    @Test
    void whoIsKilledWhileItMakesThemLeavesNothingAndTheNextStartTriesAgain() throws Exception {
        try (ImageManager manager = new ImageManager(image)) {
            manager.start();
            awaitTraining("java");
            List<Processes.Entry> all = training();

            ProcessHandle.of(trainer(all)).orElseThrow().destroyForcibly();
            for (Processes.Entry process : all) {
                awaitEnd(process.pid());
            }

            assertThat(training())
                    .as("it took its own manager along: %s", said())
                    .isEmpty();
            assertThat(names(lib)).doesNotContain("manager.aot", "client.aot").contains("untrained");
        }
        try (ImageManager manager = new ImageManager(image)) {
            manager.start();
            awaitEnd(awaitTraining("sh"));

            assertThat(names(lib)).isEqualTo(names(ImageManager.IMAGE.resolve("lib")));
        }
    }

    @Test
    void whatFailedIsTriedAgainInTheNextBootOnly() throws Exception {
        try (ImageManager manager = new ImageManager(image).with("TMPDIR", "/does/not/exist")) {
            manager.start();
            awaitDirectory();
            for (Processes.Entry process : training()) {
                awaitEnd(process.pid());
            }

            assertThat(Files.readString(lib.resolve("untrained"))).isEqualTo(Files.readString(BOOT));
            assertThat(Files.readString(lib.resolve("training/said"))).contains("/does/not/exist");
        }
        try (ImageManager manager = new ImageManager(image)) {
            manager.start();

            assertThat(manager.said().lines().filter(line -> line.contains("caches")))
                    .singleElement()
                    .asString()
                    .contains(lib.resolve("training/said").toString());
            assertThat(training()).isEmpty();
        }
        Files.writeString(lib.resolve("untrained"), "the boot before\n");
        try (ImageManager manager = new ImageManager(image)) {
            manager.start();

            ProcessHandle trainer = ProcessHandle.of(awaitTraining("sh")).orElseThrow();
            trainer.destroy();
            awaitEnd(trainer.pid());
            assertThat(lib.resolve("untrained")).as("told to end is not failed").hasContent("the boot before");
        }
    }

    @Test
    void anImageThatCannotBeWrittenToSaysSoInOneLineAndWorks() throws Exception {
        String mounts = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"";
        Programs.neededThat(
                succeeds("unshare", "-m", "sh", "-c", mounts, image.toString()),
                "nothing can be mounted here; be root");
        try (ImageManager manager = new ImageManager(image)
                .within("unshare", "-m", "sh", "-c", mounts + " && exec \"$@\"", image.toString())
                .script("clock", "run", "exec sleep 1000")) {
            manager.start();
            manager.run("bh-start", "clock").succeeds();

            assertThat(manager.said().lines().filter(line -> line.contains("cache")))
                    .singleElement()
                    .asString()
                    .startsWith("bh: ")
                    .contains(lib.toString());
            assertThat(training()).isEmpty();
            Outcome trial = manager.run(
                    "/bin/sh",
                    "-c",
                    "exec unshare -m sh -c '" + mounts + " && exec \"$0/bin/bh\" run --trial' \"$0\"",
                    image.toString());
            assertThat(trial.succeeds().err())
                    .as("why a trial failed, and no more")
                    .isEmpty();
        }
        assertThat(names(lib)).doesNotContain("untrained", "training");
    }

    /** Everything that makes the caches of this image, its services among it. */
    private List<Processes.Entry> training() throws IOException {
        return Processes.withVariable("bh_training", lib.resolve("training").toString());
    }

    /** Waits until a program of this name is at it; the answer is the process that all of them descend from. */
    private long awaitTraining(String name) throws IOException {
        List<Processes.Entry> all = new ArrayList<>();
        Await.until(() -> "somebody makes the caches: " + all, () -> {
            all.clear();
            all.addAll(training());
            return all.stream().anyMatch(process -> process.name().equals(name));
        });
        return trainer(all);
    }

    private static long trainer(List<Processes.Entry> all) {
        return all.stream()
                .filter(process -> all.stream().noneMatch(other -> other.pid() == process.parent()))
                .findFirst()
                .orElseThrow()
                .pid();
    }

    /** The fields of a process from its state on, which is the first. */
    private static List<String> stat(long pid) throws IOException {
        String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return List.of(line.substring(line.lastIndexOf(')') + 2).split(" ", -1));
    }

    private void awaitEnd(long pid) throws Exception {
        ProcessHandle process = ProcessHandle.of(pid).orElse(null);
        if (process != null) {
            try {
                process.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                throw new AssertionError("process " + pid + " does not end: " + said(), e);
            }
        }
    }

    /** Waits until somebody is at it, or was. */
    private void awaitDirectory() {
        Await.until("somebody makes the caches", () -> Files.exists(lib.resolve("training")));
    }

    private String said() throws IOException {
        Path said = lib.resolve("training/said");
        return Files.exists(said) ? Files.readString(said) : "";
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError(List.of(command) + " does not end");
        }
        return process.exitValue() == 0;
    }
}
