package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.control.Dialog;
import bellhop.control.RequestLine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Verifies that starts and stops leave nothing behind in the manager: {@code -Dcycles=10000} tries more of them. It
 * prints what there was before and after.
 */
@Timeout(7200)
class CyclesTest {
    private static final int CYCLES = Integer.getInteger("cycles", 300);
    /** In which the manager loads and compiles what it needs, and collects what it keeps of each service. */
    private static final int WARM_UP = 100;

    /** A service that gets a cgroup; its name is nobody else's, for other tests have theirs beside it. */
    private static final String LIMITED = "limited-" + ProcessHandle.current().pid();

    private static final Pattern LIVE_BYTES = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    private ManagerProcess manager;

    @BeforeEach
    void makeServices() throws Exception {
        manager = new ManagerProcess();
        manager.script("web", "pre", "echo pre")
                .script("web", "run", "echo run", "sleep 1000 & echo >&3", "wait")
                .script("web", "post", "echo post")
                .yaml(
                        "web",
                        "requires: [" + LIMITED + "]",
                        "control_socket: true",
                        "ready: {fd: 3}",
                        "log: {max_size: 64KiB}")
                .script(LIMITED, "run", "exec sleep 1000")
                .yaml(LIMITED, "pids_limit: 100");
        manager.start();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    /** What must not grow, and the bytes of the objects that live in the manager. */
    private record Figures(long descriptors, long threads, long files, long cgroups, long heap, long resident) {
        @Override
        public String toString() {
            return "%d descriptors, %d threads, %d files in the run dir, %d cgroups, heap %,d bytes, resident %,d KiB"
                    .formatted(descriptors, threads, files, cgroups, heap, resident);
        }
    }

    @Test
    void startsAndStopsLeaveNothing() throws Exception {
        cycle(WARM_UP);
        figures();
        Figures before = figures();
        long start = System.nanoTime();
        cycle(CYCLES);
        double seconds = (System.nanoTime() - start) / 1e9;
        Figures after = figures();
        System.out.printf("before: %s%n", before);
        System.out.printf("after %,d starts and stops in %.0f s: %s%n", CYCLES, seconds, after);

        assertThat(after.descriptors).isLessThanOrEqualTo(before.descriptors);
        assertThat(after.threads).isLessThanOrEqualTo(before.threads);
        assertThat(after.files).isEqualTo(before.files);
        assertThat(after.cgroups).isEqualTo(before.cgroups);
        assertThat(after.heap).isLessThan(before.heap + 1_000_000);
    }

    private void cycle(int times) throws IOException {
        try (Dialog dialog = new Dialog(manager.runDir().socket())) {
            for (int i = 0; i < times; i++) {
                for (String verb : List.of("start", "stop")) {
                    dialog.send(RequestLine.format(List.of(verb, "web")) + "\n");
                    ManagerProcess.answer(dialog).succeeds();
                }
            }
        }
    }

    private Figures figures() throws Exception {
        Path process = Path.of("/proc/" + manager.process().pid());
        long heap = liveBytes();
        return new Figures(
                entries(process.resolve("fd")),
                entries(process.resolve("task")),
                tree(manager.runDir().path()),
                cgroups(process),
                heap,
                resident(process));
    }

    private static long entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.count();
        }
    }

    /** Without the events, which become two files and no more. */
    private static long tree(Path directory) throws IOException {
        try (Stream<Path> entries = Files.walk(directory)) {
            return entries.filter(entry -> !entry.getFileName().toString().startsWith(".events"))
                    .count();
        }
    }

    /** Those of the limited service's incarnations: beside the manager's leaf, or below the group it was started in. */
    private static long cgroups(Path process) throws IOException {
        String own = Files.readAllLines(process.resolve("cgroup")).stream()
                .filter(line -> line.startsWith("0::"))
                .map(line -> line.substring("0::".length()))
                .findFirst()
                .orElse("");
        for (String root : List.of("/sys/fs/cgroup/unified", "/sys/fs/cgroup")) {
            if (Files.exists(Path.of(root, "cgroup.procs"))) {
                Path group = Path.of(root, own);
                try (Stream<Path> groups = Files.list(own.endsWith("/bellhop") ? group.getParent() : group)) {
                    return groups.filter(it -> it.getFileName().toString().startsWith(LIMITED + "."))
                            .count();
                }
            }
        }
        return 0;
    }

    private static long resident(Path process) throws IOException {
        return Files.readAllLines(process.resolve("status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** Of all objects that are left after a collection. */
    private long liveBytes() throws Exception {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        assumeTrue(Files.isExecutable(jcmd), "SKIPPED: there is no jcmd here");
        Process process = new ProcessBuilder(
                        jcmd.toString(), Long.toString(manager.process().pid()), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher matcher = LIVE_BYTES.matcher(out);
        assertThat(matcher.find()).as(out).isTrue();
        return Long.parseLong(matcher.group(1));
    }
}
