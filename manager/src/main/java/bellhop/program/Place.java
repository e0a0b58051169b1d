package bellhop.program;

import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Self;
import bellhop.linux.Stat;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A name in a directory that nobody else can change: what is done there is done by the directory's descriptor, and
 * is what was meant, whoever swaps the directories and links on the way. The directory belongs to this user or to
 * root and is writable for nobody else, unless it is sticky; links are followed if they belong to one of the two.
 */
final class Place implements AutoCloseable {
    private static final int WRITABLE_FOR_OTHERS = 0022;
    private static final int STICKY = 01000;
    private static final int MOST_LINKS = 40;

    private final int user = Self.euid();
    /** Each directory on the way, and not only the last. */
    private final boolean judgesAll;

    private int directory;
    private Path directoryPath;
    private String name = "";
    /** Others may put files into it, but not touch those of this user. */
    private boolean isShared;

    private Place(Path start, boolean judgesAll) throws PosixException {
        this.judgesAll = judgesAll;
        directoryPath = start;
        directory = Fd.open(start, Fd.O_PATH | Fd.O_DIRECTORY, 0);
    }

    /**
     * Goes there, link by link.
     *
     * @throws IOException if there is no such directory, or others can change it or a link on the way; if a directory
     *     has that name itself
     */
    static Place of(String path) throws IOException {
        return of(path, false);
    }

    /**
     * Goes there; no directory on the way is one that others can change either, nor a link in it. For what there is no
     * call by descriptor for, as {@code bind} is: its path leads there, too.
     */
    static Place ofWholePath(Path path) throws IOException {
        return of(path.toString(), true);
    }

    private static Place of(String path, boolean judgesAll) throws IOException {
        Path named;
        try {
            named = Path.of(path);
        } catch (InvalidPathException e) {
            throw new IOException("not a path: " + e.getReason(), e);
        }
        Place place = new Place(Path.of(named.isAbsolute() ? "/" : "."), judgesAll);
        try {
            place.walk(named);
            place.judge();
            return place;
        } catch (IOException e) {
            place.close();
            throw e;
        }
    }

    private void walk(Path named) throws IOException {
        Deque<String> ahead = new ArrayDeque<>(names(named));
        int links = 0;
        while (!ahead.isEmpty()) {
            name = ahead.removeFirst();
            int next;
            try {
                next = Fd.openat(directory, name, Fd.O_PATH | Fd.O_NOFOLLOW, 0);
            } catch (PosixException e) {
                if (e.errno() == Errno.ENOENT && ahead.isEmpty()) {
                    return;
                }
                throw failed(e);
            }
            Stat stat = Fd.fstat(next);
            if (judgesAll) {
                judge();
            }
            if (stat.isSymbolicLink()) {
                Path target = target(next, stat);
                if (++links > MOST_LINKS) {
                    throw new IOException(named + ": too many symbolic links");
                }
                if (target.isAbsolute()) {
                    enter(Fd.open("/", Fd.O_PATH | Fd.O_DIRECTORY, 0), target.getRoot());
                }
                names(target).reversed().forEach(ahead::addFirst);
            } else if (ahead.isEmpty() && !stat.isDirectory()) {
                Fd.close(next);
                return;
            } else {
                enter(next, path().normalize());
            }
        }
        throw new IOException(absolute(named) + ": not a regular file"); // each name was that of a directory
    }

    private static List<String> names(Path path) {
        List<String> names = new ArrayList<>();
        path.forEach(element -> names.add(element.toString()));
        names.remove(""); // of an empty path
        return names;
    }

    private Path target(int link, Stat stat) throws IOException {
        try {
            if (isForeign(stat)) {
                throw new IOException(path() + ": a symbolic link of uid " + Integer.toUnsignedString(stat.uid()) + "; "
                        + expected());
            }
            return Path.of(Fd.readlink(link));
        } finally {
            Fd.close(link);
        }
    }

    private void enter(int next, Path path) throws PosixException {
        Fd.close(directory);
        directory = next;
        directoryPath = path;
    }

    private void judge() throws IOException {
        Stat stat = Fd.fstat(directory);
        Path shown = absolute(directoryPath);
        if (isForeign(stat)) {
            throw new IOException(shown + ": belongs to uid " + Integer.toUnsignedString(stat.uid())
                    + ", who could change it meanwhile; " + expected());
        }
        boolean isOpen = (stat.permissions() & WRITABLE_FOR_OTHERS) != 0;
        isShared = isOpen && (stat.permissions() & STICKY) != 0;
        if (isOpen && !isShared) {
            throw new IOException(String.format(
                    "%s: writable by others than its owner (mode %04o), who could change it meanwhile; chmod go-w it,"
                            + " or use another directory",
                    shown, stat.permissions()));
        }
    }

    private boolean isForeign(Stat stat) {
        return stat.uid() != user && stat.uid() != 0;
    }

    private String expected() {
        return "expected one of " + (user == 0 ? "root" : "root or uid " + Integer.toUnsignedString(user));
    }

    /** The directory's descriptor. */
    int directory() {
        return directory;
    }

    /** The name in it. */
    String name() {
        return name;
    }

    /** Another name in it: this one with something around it. */
    String beside(String suffix) {
        return "." + name + suffix;
    }

    /** What a line calls it, or what is beside it. */
    Path shown(String name) {
        return absolute(directoryPath.resolve(name));
    }

    /**
     * What is there.
     *
     * @throws IOException if it belongs to somebody who could replace it meanwhile
     */
    Optional<Stat> look() throws IOException {
        Stat stat;
        try {
            stat = Fd.lstatat(directory, name);
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw failed(e);
        }
        if (isShared && isForeign(stat)) {
            throw new IOException(shown(name) + ": belongs to uid " + Integer.toUnsignedString(stat.uid())
                    + ", in a directory that everyone can write to; " + expected());
        }
        return Optional.of(stat);
    }

    /** A failure in words that say where. */
    IOException failed(PosixException failure) {
        return new IOException(shown(name) + ": " + failure.reason(), failure);
    }

    private Path path() {
        return directoryPath.resolve(name);
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    @Override
    public void close() throws PosixException {
        Fd.close(directory);
    }
}
