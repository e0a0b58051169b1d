package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Keeps what the manager costs, in numbers that are the same on every machine: classes, threads, calls and bytes, and
 * how often it wakes up. A bound is what was measured, with some room; whoever has a reason to cost more changes it.
 */
@Timeout(300)
class CountsIT {

    /** Of the JVM itself, as the kernel names them, which is by 15 characters at most. */
    private static final Set<String> OF_THE_JVM = Set.of(
            "VM Periodic Tas",
            "VM Thread",
            "Reference Handl",
            "Finalizer",
            "Signal Dispatch",
            "Service Thread",
            "Monitor Deflati",
            "C1 CompilerThre",
            "Common-Cleaner",
            "Training replay",
            "Native Heap Tri",
            "Notification Th");

    private static final int MOST_THREADS = 5;
    private static final int MOST_CLASSES_AT_BOOT = 3790;
    /** Most of them are parts of method handles, which no cache holds; each takes a boot about a millisecond. */
    private static final int MOST_CLASSES_NOT_FROM_THE_CACHE = 65;

    private static final int MOST_CLASSES_OF_A_START = 40;
    private static final int ROUNDS = 8;

    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final int MOST_OWN_WAKEUPS = 1;
    private static final int MOST_WAKEUPS = 25;

    private static void services(ImageManager manager, int count) {
        for (int i = 0; i < count; i++) {
            manager.script("s" + i, "run", "exec sleep 1000").yaml("s" + i, "autostart: true");
        }
    }

    private static Map<Integer, String> threads(ImageManager manager) throws IOException {
        Map<Integer, String> threads = new TreeMap<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(manager.pid()), "task"))) {
            for (Path task : tasks.toList()) {
                try {
                    threads.put(
                            Integer.valueOf(task.getFileName().toString()),
                            Files.readString(task.resolve("comm")).strip());
                } catch (IOException e) {
                    // It has ended meanwhile.
                }
            }
        }
        threads.remove((int) manager.pid()); // the launcher's, which waits for the end of the others
        return threads;
    }

    private static long ownThreads(ImageManager manager) throws IOException {
        return threads(manager).values().stream().filter(CountsIT::isOwn).count();
    }

    private static boolean isOwn(String name) {
        return !OF_THE_JVM.contains(name);
    }

    @Test
    void withoutAPluginInUseItHasFiveThreads() throws Exception {
        try (ImageManager manager = new ImageManager()) {
            services(manager, 3);
            manager.start();
            manager.run("bh-stop", "s1").succeeds();
            manager.run("bh-start", "s1").succeeds();
            manager.run("bh", "status").succeeds();

            // That of the console ends a while after its last line.
            Await.until(() -> "at most " + MOST_THREADS + " threads", () -> ownThreads(manager) <= MOST_THREADS);
        }
    }

    private static Map<Integer, Long> wakeups(ImageManager manager) throws IOException {
        Map<Integer, Long> wakeups = new HashMap<>();
        for (int thread : threads(manager).keySet()) {
            Path status = Path.of("/proc", Long.toString(manager.pid()), "task", Integer.toString(thread), "status");
            String line = Files.readAllLines(status).stream()
                    .filter(it -> it.startsWith("voluntary_ctxt_switches:"))
                    .findFirst()
                    .orElseThrow();
            wakeups.put(
                    thread, Long.valueOf(line.substring(line.indexOf(':') + 1).strip()));
        }
        return wakeups;
    }

    /** A window is looked for, as the JVM and the manager have things to finish after a start. */
    @Test
    void nothingWakesItUpIfNothingHappens() throws Exception {
        try (ImageManager manager = new ImageManager()) {
            services(manager, 20);
            manager.start();
            Await.until(() -> "a window of " + IDLE + " without wake-ups", () -> {
                Map<Integer, String> names = threads(manager);
                Map<Integer, Long> before = wakeups(manager);
                Thread.sleep(IDLE.toMillis());
                long own = 0;
                long all = 0;
                for (Map.Entry<Integer, Long> after : wakeups(manager).entrySet()) {
                    long times = after.getValue() - before.getOrDefault(after.getKey(), 0L);
                    all += times;
                    own += isOwn(names.getOrDefault(after.getKey(), "")) ? times : 0;
                }
                return own <= MOST_OWN_WAKEUPS && all <= MOST_WAKEUPS;
            });
        }
    }

    /** Calls that read and that write, and their bytes; of {@code proc_pid_io(5)}. */
    private record Traffic(long reads, long writes, long readBytes, long writtenBytes) {
        static Traffic of(ImageManager manager) throws IOException {
            Map<String, Long> counts = new HashMap<>();
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(manager.pid()), "io"))) {
                int colon = line.indexOf(':');
                counts.put(
                        line.substring(0, colon),
                        Long.valueOf(line.substring(colon + 1).strip()));
            }
            return new Traffic(counts.get("syscr"), counts.get("syscw"), counts.get("rchar"), counts.get("wchar"));
        }

        Traffic since(Traffic before) {
            return new Traffic(
                    reads - before.reads,
                    writes - before.writes,
                    readBytes - before.readBytes,
                    writtenBytes - before.writtenBytes);
        }

        Traffic orLess(Traffic other) {
            return new Traffic(
                    Math.min(reads, other.reads),
                    Math.min(writes, other.writes),
                    Math.min(readBytes, other.readBytes),
                    Math.min(writtenBytes, other.writtenBytes));
        }
    }

    /** The least of several rounds: what else the manager has to do at that time is not the service's. */
    private static Traffic ofAStopAndAStart(int services) throws Exception {
        try (ImageManager manager = new ImageManager()) {
            services(manager, services);
            manager.start();
            for (int i = 0; i < services; i++) {
                manager.awaitSaid(" s" + i + " started");
            }
            Traffic least = new Traffic(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
            for (int round = 0; round < ROUNDS; round++) {
                Traffic before = Traffic.of(manager);
                manager.run("bh-stop", "s0").succeeds();
                manager.run("bh-start", "s0").succeeds();
                least = least.orLess(Traffic.of(manager).since(before));
            }
            return least;
        }
    }

    @Test
    void aStopAndAStartTakeSoManyCallsHoweverManyServicesThereAre() throws Exception {
        Traffic alone = ofAStopAndAStart(1);
        Traffic among = ofAStopAndAStart(500);
        System.out.printf("a stop and a start of one of 1 and of 500 services: %s, %s%n", alone, among);

        assertThat(alone.writes()).isLessThanOrEqualTo(32);
        assertThat(alone.writtenBytes()).isLessThanOrEqualTo(7_000);
        assertThat(alone.reads()).isLessThanOrEqualTo(60);
        assertThat(among.writes()).isLessThanOrEqualTo(alone.writes() + 4);
        assertThat(among.writtenBytes()).isLessThanOrEqualTo(alone.writtenBytes() + 1_000);
        assertThat(among.reads())
                .isLessThanOrEqualTo(alone.reads() + 10); // the list of the manager's children is longer
    }

    /** The same image, whose launcher writes down which classes are loaded. */
    private static Path imageThatLogsClasses(Path image, Path log) throws IOException {
        for (String name : List.of("lib", "runtime", "plugins", "share")) {
            Files.createSymbolicLink(image.resolve(name), ImageManager.IMAGE.resolve(name));
        }
        Files.createDirectory(image.resolve("bin"));
        try (Stream<Path> programs = Files.list(ImageManager.IMAGE.resolve("bin"))) {
            for (Path program : programs.toList()) {
                Files.createSymbolicLink(image.resolve("bin").resolve(program.getFileName()), program);
            }
        }
        Path launcher = image.resolve("bin/bh");
        String text = Files.readString(launcher);
        assertThat(text).contains("-Xlog:disable ");
        Files.delete(launcher);
        Files.writeString(launcher, text.replace("-Xlog:disable ", "-Xlog:disable -Xlog:class+load:file=" + log + " "));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        return image;
    }

    /** Without following a link. */
    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void itLoadsSoManyClasses() throws Exception {
        Path image = Files.createTempDirectory(Path.of("/tmp"), "bh");
        Path log = image.resolve("classes");
        try (ImageManager manager = new ImageManager(imageThatLogsClasses(image, log))) {
            services(manager, 1);
            manager.start();
            List<String> booted = Files.readAllLines(log);
            int atBoot = booted.size();
            long made = booted.stream()
                    .filter(line -> !line.contains("source: shared objects file"))
                    .count();
            manager.run("bh-stop", "s0").succeeds();
            manager.run("bh-start", "s0").succeeds();
            List<String> all = Files.readAllLines(log);
            System.out.printf(
                    "classes at boot, not from the cache, and of the first stop and start: %d, %d, %d%n",
                    atBoot, made, all.size() - atBoot);

            assertThat(atBoot).isLessThanOrEqualTo(MOST_CLASSES_AT_BOOT);
            assertThat(made).isLessThanOrEqualTo(MOST_CLASSES_NOT_FROM_THE_CACHE);
            assertThat(all.size() - atBoot).isLessThanOrEqualTo(MOST_CLASSES_OF_A_START);
            assertThat(all)
                    .filteredOn(line -> line.contains(" picocli.CommandLine "))
                    .isEmpty();
        } finally {
            delete(image);
        }
    }
}
