package bellhop.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The processes of this machine, as {@code proc(5)} shows them. */
final class Processes {

    private static final Path PROC = Path.of("/proc");
    private static final int LOOKS = 100;
    /** The parent of all threads of the kernel, which have no environment. */
    private static final int KTHREADD = 2;

    private Processes() {}

    /** One line of the process table. */
    record Entry(long pid, String name, char state, long parent, long group, long session) {}

    static List<Entry> all() throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.list(PROC)) {
            for (Path directory : files.toList()) {
                if (directory.getFileName().toString().chars().allMatch(Character::isDigit)) {
                    read(directory.resolve("stat")).map(Processes::parse).ifPresent(entries::add);
                }
            }
        }
        return entries;
    }

    /** The processes that were started with this variable, but not those that are dead already. */
    static List<Entry> withVariable(String name, String value) throws IOException {
        return all().stream()
                .filter(entry -> entry.state() != 'Z' && entry.parent() != KTHREADD)
                .filter(entry -> hasVariable(entry.pid(), name, value))
                .toList();
    }

    static boolean hasVariable(long pid, String name, String value) {
        return environment(pid).contains(name + "=" + value);
    }

    /** In the middle of an exec a process has no environment for a moment, so it is looked at again. */
    private static List<String> environment(long pid) {
        Path file = PROC.resolve(pid + "/environ");
        Optional<String> text = read(file);
        for (int i = 0; i < LOOKS && text.isPresent() && text.get().isEmpty(); i++) {
            LockSupport.parkNanos(1_000_000);
            text = read(file);
        }
        return List.of(text.orElse("").split("\0", -1));
    }

    /** {@code 42 (a name) S 1 42 42 …}: the name may hold anything, even a parenthesis. */
    private static Entry parse(String stat) {
        int open = stat.indexOf('(');
        int close = stat.lastIndexOf(')');
        String[] rest = stat.substring(close + 2).split(" ", -1);
        return new Entry(
                Long.parseLong(stat.substring(0, open - 1)),
                stat.substring(open + 1, close),
                rest[0].charAt(0),
                Long.parseLong(rest[1]),
                Long.parseLong(rest[2]),
                Long.parseLong(rest[3]));
    }

    /** Empty where the process is gone, or is somebody else's. */
    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (UncheckedIOException | IOException e) {
            return Optional.empty();
        }
    }
}
