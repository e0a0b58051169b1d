package bellhop.terminal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the processes of a service use.
 *
 * @param bytes their memory: of a cgroup what it is charged, else the sum of what is resident, in which shared pages
 *     count once for each process
 * @param millis the time of processors that they have used, with that of their children that have ended
 */
record Usage(long bytes, long millis) {

    /** How long a tick of proc_pid_stat(5) is: the kernel tells all programs of 100 in a second, whatever its own are. */
    private static final long MILLIS_PER_TICK = 10;

    private static final int AT_PAGESZ = 6;
    private static final long PAGE = 4096;

    /** What is read of one process. */
    private record Sample(int pid, int parent, int session, long bytes, long millis) {}

    private Usage plus(Sample task) {
        return new Usage(bytes + task.bytes, millis + task.millis);
    }

    /**
     * Looks once at all processes.
     *
     * @param leaders the process of each service's script, and what the service's cgroup is called if it has one:
     *     {@code NAME.INCARNATION}
     * @return by leader; without those that are gone
     */
    static Map<Integer, Usage> of(Map<Integer, String> leaders) {
        return of(leaders, Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    }

    static Map<Integer, Usage> of(Map<Integer, String> leaders, Path proc, Path cgroups) {
        if (leaders.isEmpty()) {
            return Map.of();
        }
        Map<Integer, Sample> tasks = tasks(proc);
        Map<Integer, Usage> used = new HashMap<>();
        for (Sample task : tasks.values()) {
            int leader = leader(task, leaders, tasks);
            if (leader != 0) {
                used.put(leader, used.getOrDefault(leader, new Usage(0, 0)).plus(task));
            }
        }
        leaders.forEach((leader, group) ->
                ofGroup(leader, group, proc, cgroups).ifPresent(usage -> used.replace(leader, usage)));
        return used;
    }

    /** The leader whose session a process, or a process that it descends from, is in; 0 if there is none. */
    private static int leader(Sample task, Map<Integer, String> leaders, Map<Integer, Sample> tasks) {
        Sample at = task;
        for (int depth = 0; at != null && depth < tasks.size(); depth++) {
            if (leaders.containsKey(at.session)) {
                return at.session;
            }
            at = tasks.get(at.parent);
        }
        return 0;
    }

    private static Map<Integer, Sample> tasks(Path proc) {
        Map<Integer, Sample> tasks = new HashMap<>();
        long page = pageSize(proc);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (Character.isDigit(name.charAt(0))) {
                    task(entry, page).ifPresent(task -> tasks.put(task.pid, task));
                }
            }
        } catch (IOException e) {
            // then nothing is known of any
        }
        return tasks;
    }

    private static Optional<Sample> task(Path directory, long page) {
        try {
            String stat = new String(Files.readAllBytes(directory.resolve("stat")), StandardCharsets.ISO_8859_1);
            int end = stat.lastIndexOf(')');
            // The third field of proc_pid_stat(5) is the first behind the name, which may have blanks.
            String[] fields = stat.substring(end + 2).split(" ", -1);
            long ticks = 0;
            for (int field = 14; field <= 17; field++) {
                ticks += Long.parseLong(fields[field - 3]);
            }
            return Optional.of(new Sample(
                    Integer.parseInt(stat.substring(0, stat.indexOf(' '))),
                    Integer.parseInt(fields[4 - 3]),
                    Integer.parseInt(fields[6 - 3]),
                    Long.parseLong(fields[24 - 3]) * page,
                    ticks * MILLIS_PER_TICK));
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // it has ended meanwhile
        }
    }

    private static long pageSize(Path proc) {
        try {
            ByteBuffer vector = ByteBuffer.wrap(Files.readAllBytes(proc.resolve("self/auxv")))
                    .order(ByteOrder.nativeOrder());
            while (vector.remaining() >= 16) {
                long type = vector.getLong();
                long value = vector.getLong();
                if (type == AT_PAGESZ) {
                    return value;
                }
            }
        } catch (IOException e) {
            // as on most machines
        }
        return PAGE;
    }

    /** Of a cgroup that has nobody else's processes. */
    private static Optional<Usage> ofGroup(int leader, String name, Path proc, Path cgroups) {
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(proc.resolve(leader + "/cgroup")));
            lines.removeIf(line -> !line.startsWith("0::/") || !line.endsWith("/" + name));
            if (lines.isEmpty()) {
                return Optional.empty();
            }
            Path group = cgroups.resolve(lines.getFirst().substring("0::/".length()));
            long bytes = Long.parseLong(
                    Files.readString(group.resolve("memory.current")).strip());
            for (String line : Files.readAllLines(group.resolve("cpu.stat"))) {
                if (line.startsWith("usage_usec ")) {
                    return Optional.of(new Usage(bytes, Long.parseLong(line.substring("usage_usec ".length())) / 1000));
                }
            }
        } catch (IOException | NumberFormatException e) {
            // by the sum, then
        }
        return Optional.empty();
    }
}
