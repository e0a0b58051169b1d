package bellhop.engine;

import bellhop.core.Owner;
import bellhop.core.Service;
import bellhop.definition.InvalidNameException;
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
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The records in the run dir of one manager, which is locked for as long as it lives: a directory for each
 * service with its {@code record} (the truth), and {@code state} and {@code require} (views of it for scripts).
 */
public final class Records implements Store, AutoCloseable {

    private static final String RECORD = "record";
    /** What may lie in a service's directory before its record does. */
    private static final Set<String> OURS = Set.of(
            "." + RECORD + ".next",
            "log.pre",
            "log.run",
            "log.post",
            "socket",
            ReadyDescriptor.FIFO,
            NotifySocket.DIRECTORY);

    private static final String ANOTHER = "choose another with --rundir";

    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OPEN_TO_READ =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));
    private static final FileAttribute<Set<PosixFilePermission>> READABLE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

    private final Path path;
    private final boolean made;
    private final int lock;
    private final String bootId;
    /** The greatest number of all that are, and were. */
    private long lastIncarnation;

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
        Map<Path, RecordFile> records = new TreeMap<>();
        for (Path entry : directories(path)) {
            Path record = entry.resolve(RECORD);
            if (Files.exists(record, LinkOption.NOFOLLOW_LINKS)) {
                RecordFile read = read(record);
                records.put(entry, read);
                last = Math.max(last, read.lastIncarnation());
            }
        }
        refuseIfAlive(path, records.values(), bootId);
        removeServices(path);
        return last;
    }

    private static List<Path> directories(Path path) throws IOException {
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(path, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
            List<Path> directories = new ArrayList<>();
            entries.forEach(directories::add);
            return directories;
        }
    }

    private static RecordFile read(Path record) throws RecordsException {
        try {
            return RecordFile.parse(Files.readString(record));
        } catch (CharacterCodingException e) {
            throw unreadable(record, "it is not text");
        } catch (RecordFile.UnreadableRecordException e) {
            throw unreadable(record, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw unreadable(record, reason(e));
        }
    }

    private static RecordsException unreadable(Path record, String why) {
        return new RecordsException(
                record + ": not a record of this version: " + why + "; remove it once nothing of that service runs");
    }

    private static void refuseIfAlive(Path path, Collection<RecordFile> records, String bootId)
            throws IOException, RecordsException {
        List<String> alive = new ArrayList<>();
        List<Proc.Task> tasks = Proc.census();
        for (RecordFile record : records) {
            List<String> pids = new ArrayList<>();
            for (Proc.Task task : tasks) {
                if (!task.isDead() && (isRecorded(task, record, bootId) || bears(task, path, record))) {
                    pids.add(Integer.toString(task.pid()));
                }
            }
            if (!pids.isEmpty()) {
                alive.add(record.name() + " (pid " + String.join(" ", pids) + ")");
            }
        }
        if (!alive.isEmpty()) {
            throw new RecordsException(path + ": a manager was killed here, and these services of its still run: "
                    + String.join(", ", alive) + "; end these processes first");
        }
    }

    private static boolean isRecorded(Proc.Task task, RecordFile record, String bootId) {
        return record.pid() != 0
                && task.pid() == record.pid()
                && task.startTime() == record.startTime()
                && bootId.equals(record.bootId());
    }

    /** A child that was spawned right before the crash is on no record, but knows whose it is. */
    private static boolean bears(Proc.Task task, Path path, RecordFile record) throws IOException {
        if (record.incarnation() == 0) {
            return false;
        }
        Map<String, String> marks = Proc.environment(task.pid(), ScriptEnvironment.OWN);
        return record.name().equals(marks.get("BELLHOP_SERVICE"))
                && Long.toString(record.incarnation()).equals(marks.get("BELLHOP_INCARNATION"))
                && isSame(path, marks.getOrDefault("BELLHOP_RUNDIR", ""));
    }

    /** The run dir may have had another name then. */
    private static boolean isSame(Path path, String named) {
        try {
            return path.toString().equals(named) || Files.isSameFile(path, Path.of(named));
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    /** Where it is, absolute. */
    public Path path() {
        return path;
    }

    /** The directory of one service; made if it is not there. */
    public Path directory(ServiceName service) throws IOException {
        Path directory = path.resolve(service.toString());
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(directory, OPEN_TO_READ);
        }
        return directory;
    }

    /** The greatest incarnation number that an earlier manager left on record; 0 if there is none. */
    public long lastIncarnation() {
        return lastIncarnation;
    }

    @Override
    public void save(Service service, List<Owner> holders, ProcessId process) throws IOException {
        Path directory = path.resolve(service.name().toString());
        try {
            directory(service.name());
            service.life().ifPresent(life -> lastIncarnation = Math.max(lastIncarnation, life.incarnation()));
            String text = RecordFile.text(service, holders, process, bootId, lastIncarnation);
            replace(directory.resolve(RECORD), text, PRIVATE);
            view(directory.resolve("state"), service.word().text());
            view(directory.resolve("require"), Integer.toString(holders.size()));
        } catch (IOException e) {
            deleteIfEmpty(directory);
            throw new IOException(path + ": " + reason(e), e);
        }
    }

    private static void deleteIfEmpty(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            // There is more of this service in it.
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
        removeServices(path);
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

    /** Where a record could never be written there is only what belongs beside it: then that alone goes. */
    private static void removeServices(Path path) throws IOException {
        for (Path entry : directories(path)) {
            if (Files.exists(entry.resolve(RECORD), LinkOption.NOFOLLOW_LINKS) || isOurs(entry)) {
                delete(entry);
            }
        }
    }

    private static boolean isOurs(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            Set<String> names =
                    files.map(file -> String.valueOf(file.getFileName())).collect(Collectors.toSet());
            return isServiceName(directory) && !names.isEmpty() && OURS.containsAll(names);
        }
    }

    private static boolean isServiceName(Path directory) {
        try {
            ServiceName.parse(String.valueOf(directory.getFileName()));
            return true;
        } catch (InvalidNameException e) {
            return false;
        }
    }

    private static void delete(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            // What a service's user put where their socket is is not looked into: links could lead anywhere.
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                if (!dir.endsWith(NotifySocket.DIRECTORY)) {
                    return FileVisitResult.CONTINUE;
                }
                NotifySocket.remove(dir);
                return FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @org.jspecify.annotations.Nullable IOException failed)
                    throws IOException {
                try {
                    Files.delete(dir);
                } catch (DirectoryNotEmptyException e) {
                    // There is more of that user in it.
                }
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
