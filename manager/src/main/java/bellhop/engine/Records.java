package bellhop.engine;

import bellhop.core.Owner;
import bellhop.core.Service;
import bellhop.definition.ServiceName;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Stat;
import bellhop.linux.User;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The records in the run dir of one manager, which is locked for as long as it lives: a directory for each
 * service with its {@code record} (the truth), and {@code state} and {@code require} (views of it for scripts).
 */
public final class Records implements Store, AutoCloseable {

    private static final String RECORD = "record";
    private static final String ANOTHER = "choose another with --rundir";

    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> READABLE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

    private final Path path;
    private final boolean made;
    private final int lock;
    private final String bootId;
    private final long lastIncarnation;
    private final Map<Path, String> views = new HashMap<>();

    private Records(Path path, boolean made, int lock, String bootId, long lastIncarnation) {
        this.path = path;
        this.made = made;
        this.lock = lock;
        this.bootId = bootId;
        this.lastIncarnation = lastIncarnation;
    }

    /**
     * Makes the run dir if it is not there, and takes it.
     *
     * @throws RecordsException if it cannot be used: not writable, somebody else's, a
     *     manager runs in it, or a service of one that was killed still does
     */
    public static Records take(Path dir) throws RecordsException {
        Path path = dir.toAbsolutePath().normalize();
        int lock = -1;
        try {
            boolean made = make(path);
            checkOwner(path);
            lock = lock(path);
            String bootId = Proc.bootId();
            long last = clearStale(path, bootId);
            return new Records(path, made, lock, bootId, last);
        } catch (IOException e) {
            closeQuietly(lock);
            throw new RecordsException(path + ": cannot be used as run dir: " + reason(e) + "; " + ANOTHER);
        } catch (RecordsException e) {
            closeQuietly(lock);
            throw e;
        }
    }

    private static boolean make(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        if (path.getParent() != null) {
            Files.createDirectories(path.getParent());
        }
        String mode = User.euid() == 0 ? "rwxr-xr-x" : "rwx------";
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        return true;
    }

    private static void checkOwner(Path path) throws IOException, RecordsException {
        Stat stat = Fd.lstat(path);
        if (!stat.isDirectory()) {
            String what = Files.isSymbolicLink(path) ? "is a symbolic link" : "is not a directory";
            throw new RecordsException(path + ": " + what + ", expected the run dir itself; " + ANOTHER);
        }
        if (stat.uid() != User.euid()) {
            throw new RecordsException(
                    path + ": belongs to user " + stat.uid() + ", expected " + User.euid() + "; " + ANOTHER);
        }
        if ((stat.permissions() & 0022) != 0) {
            throw new RecordsException(
                    String.format("%s: others may write to it (mode %04o); chmod go-w it", path, stat.permissions()));
        }
    }

    private static int lock(Path path) throws IOException, RecordsException {
        Path file = path.resolve("lock");
        while (true) {
            int fd = Fd.open(file, Fd.O_RDWR | Fd.O_CREAT | Fd.O_NOFOLLOW, 0600);
            if (!Fd.flock(fd, Fd.LOCK_EX | Fd.LOCK_NB)) {
                Fd.close(fd);
                throw new RecordsException(path + ": another manager runs in it; stop that one first, or choose "
                        + "another run dir with --rundir");
            }
            if (isStillThere(file, fd)) {
                return fd;
            }
            Fd.close(fd); // its holder took it away between our open and our lock
        }
    }

    private static boolean isStillThere(Path file, int fd) throws IOException {
        try {
            return Fd.lstat(file).ino() == Fd.fstat(fd).ino();
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** Removes what a killed manager left, unless a service of its still runs; returns its last incarnation. */
    private static long clearStale(Path path, String bootId) throws IOException, RecordsException {
        long last = 0;
        Map<Path, RecordFile> records = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, Files::isDirectory)) {
            for (Path entry : entries) {
                Path record = entry.resolve(RECORD);
                if (Files.isRegularFile(record)) {
                    records.put(entry, read(record));
                }
            }
        }
        for (RecordFile record : records.values()) {
            refuseIfAlive(path, record, bootId);
            last = Math.max(last, record.incarnation());
        }
        for (Path stale : records.keySet()) {
            delete(stale);
        }
        return last;
    }

    private static RecordFile read(Path record) throws IOException, RecordsException {
        try {
            return RecordFile.parse(Files.readString(record));
        } catch (RecordFile.UnreadableRecordException e) {
            throw new RecordsException(record + ": not a record of this version: " + e.getMessage()
                    + "; remove it once nothing of that service runs");
        }
    }

    private static void refuseIfAlive(Path path, RecordFile record, String bootId)
            throws IOException, RecordsException {
        if (record.incarnation() == 0) {
            return;
        }
        for (Proc.Task task : Proc.census()) {
            boolean recorded = task.pid() == record.pid()
                    && task.startTime() == record.startTime()
                    && bootId.equals(record.bootId());
            if (!task.isDead() && (recorded || bears(task, path, record))) {
                throw new RecordsException(path + ": a manager was killed here and its service " + record.name()
                        + " still runs (pid " + task.pid() + "); end that process first");
            }
        }
    }

    /** A child that was spawned right before the crash is on no record, but knows whose it is. */
    private static boolean bears(Proc.Task task, Path path, RecordFile record) throws IOException {
        Map<String, String> marks = Proc.environment(task.pid(), ScriptEnvironment.OWN);
        return path.toString().equals(marks.get("BELLHOP_RUNDIR"))
                && record.name().equals(marks.get("BELLHOP_SERVICE"))
                && Long.toString(record.incarnation()).equals(marks.get("BELLHOP_INCARNATION"));
    }

    /** Where it is, absolute. */
    public Path path() {
        return path;
    }

    /** The directory of one service; made if it is not there. */
    public Path directory(ServiceName service) throws IOException {
        Path directory = path.resolve(service.toString());
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
        }
        return directory;
    }

    /** The greatest incarnation number that an earlier manager left on record; 0 if there is none. */
    public long lastIncarnation() {
        return lastIncarnation;
    }

    @Override
    public void save(Service service, List<Owner> holders, ProcessId process) throws IOException {
        Path directory = directory(service.name());
        try {
            replace(directory.resolve(RECORD), RecordFile.text(service, holders, process, bootId), PRIVATE);
            view(directory.resolve("state"), service.word().text());
            view(directory.resolve("require"), Integer.toString(holders.size()));
        } catch (IOException e) {
            throw new IOException(reason(e), e);
        }
    }

    private void view(Path file, String text) throws IOException {
        if (!text.equals(views.get(file))) {
            replace(file, text + "\n", READABLE);
            views.put(file, text);
        }
    }

    /** Whole or not at all: nobody ever sees half of it, and what was there before stays if this fails. */
    private static void replace(Path file, String text, FileAttribute<Set<PosixFilePermission>> mode)
            throws IOException {
        Path next = file.resolveSibling("." + file.getFileName() + ".next");
        Files.deleteIfExists(next);
        try (SeekableByteChannel channel =
                Files.newByteChannel(next, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            Files.deleteIfExists(next);
            throw e;
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes everything in it: for the clean end of a manager all of whose services are down. */
    @Override
    public void close() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, Files::isDirectory)) {
            for (Path entry : entries) {
                if (Files.exists(entry.resolve(RECORD))) {
                    delete(entry);
                }
            }
        }
        Files.deleteIfExists(path.resolve("lock"));
        Fd.close(lock);
        if (made) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
                if (!entries.iterator().hasNext()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static void delete(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @org.jspecify.annotations.Nullable IOException failed)
                    throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void closeQuietly(int fd) {
        if (fd >= 0) {
            try {
                Fd.close(fd);
            } catch (PosixException e) {
                // The refusal that is being reported matters more.
            }
        }
    }

    /** The system's reason without the path, which the caller names. */
    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException gone -> "no such file or directory: " + gone.getFile();
            case java.nio.file.AccessDeniedException denied -> "permission denied: " + denied.getFile();
            case java.nio.file.FileAlreadyExistsException there -> "is not a directory: " + there.getFile();
            case java.nio.file.FileSystemException f when f.getReason() != null -> f.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }
}
