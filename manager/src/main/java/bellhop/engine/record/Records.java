package bellhop.engine.record;

import bellhop.core.Effect;
import bellhop.core.Life;
import bellhop.core.Service;
import bellhop.definition.Definition;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.engine.process.ProcessId;
import bellhop.engine.process.ServiceRecord;
import bellhop.engine.readiness.NotifySocket;
import bellhop.engine.readiness.ReadyDescriptor;
import bellhop.engine.record.DefinitionFiles.DefinitionFile;
import bellhop.linux.Directories;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Self;
import bellhop.linux.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
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
public final class Records implements RecordStore, AutoCloseable {

    private static final String RECORD = "record";
    /** The result of looking for a record. */
    private static final String SUFFIX = ".set-aside";

    private static final String SET_ASIDE = RECORD + SUFFIX;

    /** Files that may be in a service's directory before its record. */
    private static final Set<String> OURS = Set.of(
            "." + RECORD + ".next",
            SET_ASIDE,
            "log.pre",
            "log.run",
            "log.post",
            "socket",
            ReadyDescriptor.FIFO,
            NotifySocket.DIRECTORY);

    private static final String ANOTHER = "choose another with --rundir";
    private static final int MOST_LOOKS = 10;

    private static final int PRIVATE = 0600;
    private static final int READABLE = 0644;
    private static final int OPEN_TO_READ = 0755;

    private final Path path;
    private final boolean made;
    private final int lock;
    private final String bootId;
    private final boolean fresh;
    /** Whether the last manager that started what starts by itself did so in another boot. */
    private final boolean isOfAnotherBoot;

    private final List<ServiceRecord> left;
    private final List<String> problems;
    /** The greatest number of all that are, and were. */
    private long lastNumber;

    private final Map<ServiceName, View> views = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(8192);

    /** What is on disk of a service, but for its record. */
    private static final class View {
        String state = "";
        int holders = -1;
        DefinitionFiles definitions = DefinitionFiles.NONE;
    }

    private Records(Path path, boolean made, int lock) throws IOException, RecordsException {
        this.path = path;
        this.made = made;
        this.lock = lock;
        this.bootId = boot();
        String noted = noted();
        this.fresh = !bootId.equals(noted);
        this.isOfAnotherBoot = fresh && !noted.isEmpty();
        List<ServiceRecord> records = new ArrayList<>();
        List<String> found = new ArrayList<>();
        this.lastNumber = read(records, found);
        this.left = List.copyOf(records);
        this.problems = List.copyOf(found);
    }

    /**
     * Makes the run dir if it is not there, and takes it with all that an earlier manager left in it.
     *
     * @throws RecordsException if it cannot be used: not writable, another user's, a
     *     manager runs in it, or another version left services in it
     */
    public static Records take(Path dir) throws RecordsException {
        Path path = dir.toAbsolutePath().normalize();
        int lock = -1;
        try {
            boolean made = make(path);
            checkOwner(path);
            lock = lock(path);
            return new Records(path, made, lock);
        } catch (IOException e) {
            closeQuietly(lock);
            throw new RecordsException(
                    path + ": cannot be used as run dir: " + FileErrors.withFile(e) + "; " + ANOTHER);
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
            Directories.makeAll(path.getParent(), OPEN_TO_READ);
        }
        Directories.make(path, Self.euid() == 0 ? OPEN_TO_READ : 0700);
        return true;
    }

    private static void checkOwner(Path path) throws IOException, RecordsException {
        Stat stat = Fd.lstat(path);
        if (!stat.isDirectory()) {
            String what = Files.isSymbolicLink(path) ? "is a symbolic link" : "is not a directory";
            throw new RecordsException(path + ": " + what + ", expected the run dir itself; " + ANOTHER);
        }
        if (stat.uid() != Self.euid()) {
            throw new RecordsException(
                    path + ": belongs to user " + stat.uid() + ", expected " + Self.euid() + "; " + ANOTHER);
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

    /**
     * Reads what an earlier manager left. What is no record is set aside under another name; what was written in another
     * boot describes nothing that exists now, and is removed, whatever is left of it after a power cut.
     *
     * @return the greatest number that was given to anything
     */
    private long read(List<ServiceRecord> left, List<String> problems) throws IOException, RecordsException {
        long last = 0;
        List<Path> outdated = new ArrayList<>();
        Map<Path, String> bad = new TreeMap<>();
        for (Path entry : directories(path)) {
            Path record = entry.resolve(RECORD);
            if (!Files.exists(record, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            try {
                String text = LeftDefinitions.text(record);
                if (text.isEmpty()) {
                    outdated.add(entry); // power was cut between its rename and its content
                    continue;
                }
                LeftDefinitions definitions = new LeftDefinitions(entry);
                RecordFile read = definitions.parse(text);
                last = Math.max(last, read.lastNumber());
                String name = read.saved().service().name().toString();
                if (!entry.endsWith(name)) {
                    throw new RecordFile.UnreadableRecordException("it is the record of " + name);
                }
                if (read.bootId().equals(bootId)) {
                    left.add(new ServiceRecord(read.saved(), read.process()));
                    View view = new View();
                    view.definitions = definitions.found();
                    views.put(read.saved().service().name(), view);
                } else {
                    outdated.add(entry);
                }
            } catch (RecordFile.OtherVersionException e) {
                if (isOfAnotherBoot) {
                    outdated.add(entry);
                    continue;
                }
                throw new RecordsException(record + ": written by another version of Bellhop: " + e.getMessage()
                        + "; stop everything with that version first, or remove the file once no process of "
                        + entry.getFileName() + " runs");
            } catch (RecordFile.UnreadableRecordException e) {
                if (isOfAnotherBoot || isOfAnotherBoot(record)) {
                    outdated.add(entry);
                } else {
                    bad.put(entry, String.valueOf(e.getMessage()));
                }
            } // one that cannot be read now may be a good one: this manager is refused, and the next may read it
        }
        // Only now that this manager is not refused: what it cannot use the version that wrote it may.
        for (Path entry : outdated) {
            deleteService(entry);
        }
        for (Map.Entry<Path, String> entry : bad.entrySet()) {
            problems.add(setAside(entry.getKey(), entry.getKey().resolve(RECORD), entry.getValue()));
        }
        return last;
    }

    /** Whether a record says so, though a power cut has left something of it, or of what it names, that is none. */
    private boolean isOfAnotherBoot(Path record) throws IOException {
        try {
            return LeftDefinitions.text(record)
                    .lines()
                    .filter(line -> line.startsWith(RecordFile.BOOT))
                    .findFirst()
                    .filter(line -> !line.equals(RecordFile.BOOT + bootId))
                    .isPresent();
        } catch (RecordFile.UnreadableRecordException e) {
            return false;
        }
    }

    /**
     * The boot, which neither processes nor monotonic moments outlive: of the machine and, if it can be seen, of
     * process 1, which in a container is another each time the container is started.
     */
    static String boot() throws PosixException {
        return Proc.bootId() + Proc.task(1).map(task -> " " + task.startTime()).orElse("");
    }

    /** With the definitions that it may name: the next start of that service would put its own in their place. */
    private static String setAside(Path service, Path record, String why) throws IOException {
        for (String file : files(service)) {
            if (DefinitionFiles.isName(file)) {
                rename(service.resolve(file), service.resolve(file + SUFFIX));
            }
        }
        rename(record, record.resolveSibling(SET_ASIDE));
        return record + ": not a record: " + why + "; it was renamed to " + SET_ASIDE + ", and " + service.getFileName()
                + " is not supervised: end its processes manually";
    }

    private static void rename(Path file, Path aside) throws IOException {
        if (Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) {
            delete(aside); // a directory takes no file's place, nor a file a directory's
        }
        Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
    }

    private static List<Path> directories(Path path) throws IOException {
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(path, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
            List<Path> directories = new ArrayList<>();
            entries.forEach(directories::add);
            return directories;
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
            Directories.make(directory, OPEN_TO_READ);
        }
        return directory;
    }

    /** The greatest number that an earlier manager gave to an incarnation or a launch; 0 if there was none. */
    public long lastNumber() {
        return lastNumber;
    }

    /** The services that an earlier manager left. */
    public List<ServiceRecord> left() {
        return left;
    }

    /** The files in it that were not records and were set aside, a line each. */
    public List<String> problems() {
        return problems;
    }

    /** Whether nothing was started by itself in it since the machine was. */
    public boolean isFresh() {
        return fresh;
    }

    /**
     * From now on it is not fresh: what starts by itself has been started, and is on record.
     *
     * @throws IOException if that could not be written; after a crash everything is then started by itself once more
     */
    public void startedByItself() throws IOException {
        note(bootId);
    }

    /**
     * From now on it is fresh again: everything is being stopped for good, and if that is cut short the next manager
     * starts by itself what is to start.
     *
     * @throws IOException if that could not be written
     */
    public void endsByItself() throws IOException {
        note("");
    }

    private void note(String text) throws IOException {
        Files.writeString(
                path.resolve("lock"),
                text,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING,
                LinkOption.NOFOLLOW_LINKS);
    }

    /** The text that {@link #startedByItself} has written into the locked file; otherwise empty. */
    private String noted() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(2 * bootId.length());
        Fd.read(lock, buffer);
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    @Override
    public void save(Effect.Save saved, ProcessId process) throws IOException {
        Service service = saved.service();
        Path directory = path.resolve(service.name().toString());
        try {
            service.life().ifPresent(life -> lastNumber = Math.max(lastNumber, life.incarnation()));
            service.run().ifPresent(run -> lastNumber = Math.max(lastNumber, run.launch()));
            View view = views.get(service.name());
            if (view == null) { // the first of its records: else it would be found out by a call that fails
                directory(service.name());
                view = new View();
                views.put(service.name(), view);
            }
            DefinitionFiles before = view.definitions;
            DefinitionFiles now = before.with(definitions(service));
            try {
                for (DefinitionFile file : now.files()) {
                    // Who cleans directories of temporary files removes what is old, and leaves the record.
                    if (!before.has(file) || !isThere(directory.resolve(file.name()))) {
                        replace(service.name(), directory, file.name(), definition(file), PRIVATE);
                    }
                }
                replace(service.name(), directory, RECORD, record(saved, process, now), PRIVATE);
            } catch (IOException e) {
                delete(directory, now.without(before));
                throw e;
            }
            view.definitions = now;
            delete(directory, before.without(now));
            String state = service.word().text();
            if (!state.equals(view.state)) {
                replace(service.name(), directory, "state", line(state), READABLE);
                view.state = state;
            }
            int holders = saved.holders().size();
            if (holders != view.holders) {
                replace(service.name(), directory, "require", line(Integer.toString(holders)), READABLE);
                view.holders = holders;
            }
        } catch (IOException e) {
            deleteIfEmpty(directory);
            throw new IOException(path + ": " + FileErrors.of(e), e);
        }
    }

    private static boolean isThere(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static List<Definition> definitions(Service service) {
        return Stream.concat(Stream.of(service.latest()), service.life().map(Life::definition).stream())
                .toList();
    }

    private byte[] record(Effect.Save saved, ProcessId process, DefinitionFiles definitions) throws IOException {
        RecordFile file = new RecordFile(bootId, lastNumber, process, saved);
        return checked(saved.service().name(), file.text(definitions));
    }

    private static byte[] definition(DefinitionFile file) throws IOException {
        return checked(file.definition().name(), RecordFile.definitionText(file.definition()));
    }

    private static byte[] checked(ServiceName service, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= LeftDefinitions.LONGEST) {
            throw new IOException(
                    "the record of " + service + " would have more than " + LeftDefinitions.LONGEST + " bytes");
        }
        return bytes;
    }

    private static void delete(Path directory, List<DefinitionFile> files) throws IOException {
        for (DefinitionFile file : files) {
            Files.deleteIfExists(directory.resolve(file.name()));
        }
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void deleteIfEmpty(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            // There is more of this service in it.
        }
    }

    /** Writes the whole file or nothing: no reader ever sees half of it, and the old content stays if this fails. */
    private void replace(ServiceName service, Path directory, String name, byte[] text, int mode) throws IOException {
        Path next = directory.resolve("." + name + ".next");
        int file = create(service, next);
        try {
            try {
                write(file, text);
                if (mode != PRIVATE) {
                    Fd.fchmod(file, mode);
                }
            } finally {
                Fd.close(file);
            }
            Files.move(next, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(next);
            throw e instanceof PosixException call ? FileErrors.on(next, call) : e;
        }
    }

    /** In nearly all cases the directory is there, and no file that a manager left when it was killed. */
    private int create(ServiceName service, Path next) throws IOException {
        int flags = Fd.O_WRONLY | Fd.O_CREAT | Fd.O_EXCL;
        try {
            return Fd.open(next, flags, PRIVATE);
        } catch (PosixException e) {
            switch (e.errno()) {
                case Errno.ENOENT -> directory(service);
                case Errno.EEXIST -> Files.delete(next);
                default -> throw FileErrors.on(next, e);
            }
        }
        try {
            return Fd.open(next, flags, PRIVATE);
        } catch (PosixException e) {
            throw FileErrors.on(next, e);
        }
    }

    private void write(int file, byte[] text) throws PosixException {
        int from = 0;
        while (from < text.length) {
            buffer.clear();
            int count = Math.min(buffer.remaining(), text.length - from);
            buffer.put(text, from, count).flip();
            while (buffer.hasRemaining()) {
                Fd.write(file, buffer);
            }
            from += count;
        }
    }

    /**
     * Whether another manager could go on with what is there; changes nothing, and may be asked while one runs.
     *
     * @throws RecordsException if not, and why
     */
    public static void check(Path dir) throws RecordsException {
        Path path = dir.toAbsolutePath().normalize();
        try {
            for (Path entry : directories(path)) {
                Path record = entry.resolve(RECORD);
                try {
                    check(entry, record);
                } catch (IOException e) {
                    if (Files.exists(record, LinkOption.NOFOLLOW_LINKS)) {
                        throw e;
                    } // it is gone by now, or the directory is no service's
                } catch (RecordFile.OtherVersionException | RecordFile.UnreadableRecordException e) {
                    throw new RecordsException(record + ": cannot be read by this version: " + e.getMessage());
                }
            }
        } catch (IOException e) {
            throw new RecordsException(FileErrors.withFile(e));
        }
    }

    /** While the manager goes on, a record and a definition that it names may be replaced one after the other. */
    private static void check(Path entry, Path record)
            throws IOException, RecordFile.UnreadableRecordException, RecordFile.OtherVersionException {
        for (int left = MOST_LOOKS; ; left--) {
            try {
                var _ = new LeftDefinitions(entry).parse(LeftDefinitions.text(record));
                return;
            } catch (RecordFile.UnreadableRecordException e) {
                if (left == 0) {
                    throw e;
                }
            }
        }
    }

    /** Lets another manager take it, with all that is in it. */
    public void leave() throws IOException {
        Fd.close(lock);
    }

    /** Removes everything in it: for the clean end of a manager all of whose services are down. */
    @Override
    public void close() throws IOException {
        removeServices(path);
        Files.deleteIfExists(path.resolve(EventLog.FILE));
        Files.deleteIfExists(path.resolve(EventLog.OLDER));
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
            if (isThere(entry.resolve(RECORD)) || isOurs(entry)) {
                deleteService(entry);
            }
        }
    }

    private static boolean isOurs(Path directory) throws IOException {
        Set<String> names = files(directory);
        return isServiceName(directory) && !names.isEmpty() && names.stream().allMatch(Records::isOurs);
    }

    private static Set<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName())).collect(Collectors.toSet());
        }
    }

    private static boolean isOurs(String file) {
        String whole = file.startsWith(".") && file.endsWith(".next") ? file.substring(1, file.length() - 5) : file;
        String name = whole.endsWith(SUFFIX) ? whole.substring(0, whole.length() - SUFFIX.length()) : whole;
        return OURS.contains(file) || DefinitionFiles.isName(name);
    }

    private static boolean isServiceName(Path directory) {
        try {
            ServiceName.parse(String.valueOf(directory.getFileName()));
            return true;
        } catch (InvalidNameException e) {
            return false;
        }
    }

    /** The record first: if this is cut short, none is left without what it names. */
    private static void deleteService(Path directory) throws IOException {
        Path record = directory.resolve(RECORD);
        if (!Files.isDirectory(record, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(record);
        }
        delete(directory);
    }

    private static void delete(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            // Files that a service's user put beside the socket are not read: links could lead anywhere.
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                if (!dir.equals(tree.resolve(NotifySocket.DIRECTORY))) {
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
}
