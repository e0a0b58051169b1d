package bellhop.engine.readiness;

import bellhop.core.Event;
import bellhop.linux.DatagramReader;
import bellhop.linux.DatagramReader.Datagram;
import bellhop.linux.Directories;
import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Self;
import bellhop.linux.Sockets;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The socket of one launch for notifications as {@code sd_notify(3)} sends them: {@code NAME/notify/socket} in
 * the run dir. Only the service's user may enter the directory. A datagram counts if it comes from root or
 * from that user, and from a process of this incarnation, unless that process has ended since.
 */
public final class NotifySocket implements ReadySignal {

    public static final String DIRECTORY = "notify";
    static final String SOCKET = "socket";

    /** How many datagrams are read before others have their turn. */
    private static final int MOST_AT_ONCE = 32;

    /** More than the kernel keeps for one socket: what is still there when {@code run} has ended. */
    private static final int MOST_AT_END = 1024;

    private static final int MOST_ANCESTORS = 64;
    private static final int EVERYBODY = 0666;
    private static final long NANOS_PER_MICRO = 1000;

    private final EventLoop loop;
    private final DatagramReader reader;
    private final Path directory;
    private final Optional<Duration> watchdog;
    private final int uid;
    private final Map<String, String> marks;
    private final Consumer<Event> events;
    private final Runnable reported;
    private final Complaints complaints;
    private final long launch;
    private final int socket;

    private Optional<EventLoop.Watch> watch = Optional.empty();
    private int leader;
    private boolean ready;
    private boolean reloading;
    private long reloadBegun;
    private String status = "";
    private String error = "";

    /** Takes warnings for the operator, once for each kind. */
    @FunctionalInterface
    interface Complaints {
        void add(String matter, String line);
    }

    /**
     * Makes the socket.
     *
     * @param serviceDirectory the service's directory in the run dir
     * @param uid the service's user
     * @param marks what the processes of this incarnation have in their environment
     * @throws IOException if it cannot be made, one line that says why
     */
    NotifySocket(
            EventLoop loop,
            DatagramReader reader,
            Path serviceDirectory,
            long launch,
            Optional<Duration> watchdog,
            int uid,
            Map<String, String> marks,
            Consumer<Event> events,
            Runnable reported,
            Complaints complaints)
            throws IOException {
        this.loop = loop;
        this.reader = reader;
        this.directory = serviceDirectory.resolve(DIRECTORY);
        this.launch = launch;
        this.watchdog = watchdog;
        this.uid = uid;
        this.marks = Map.copyOf(marks);
        this.events = events;
        this.reported = reported;
        this.complaints = complaints;
        this.socket = open();
    }

    private Path path() {
        return directory.resolve(SOCKET);
    }

    /**
     * While the socket is made, its directory belongs to us alone: otherwise its user could make us change the mode
     * of some other file.
     */
    private int open() throws IOException {
        int length = path().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > Sockets.PATH_MAX) {
            throw new IOException("ready: the path of its socket, " + path() + ", would be " + length
                    + " bytes long; expected " + Sockets.PATH_MAX + " at most; choose a shorter run dir");
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            Directories.make(directory, 0700);
        }
        int fd = Fd.open(directory, Fd.O_RDONLY | Fd.O_DIRECTORY | Fd.O_NOFOLLOW, 0);
        try {
            own(fd, Self.euid());
            Fd.fchmod(fd, 0700);
            clear();
            int opened = Sockets.datagrams(path());
            try {
                Fd.chmod(path(), EVERYBODY);
                own(fd, uid);
                return opened;
            } catch (IOException e) {
                Fd.close(opened);
                throw e;
            }
        } finally {
            Fd.close(fd);
        }
    }

    /** Nothing of its user's is walked through: what cannot simply be removed gets another name. */
    private void clear() throws IOException {
        try {
            Files.deleteIfExists(path());
        } catch (DirectoryNotEmptyException e) {
            Path aside = directory.resolve(SOCKET + ".set-aside." + launch);
            Files.move(path(), aside, StandardCopyOption.ATOMIC_MOVE);
            complaints.add(
                    "place",
                    path() + ": a non-empty directory was in the place of its notify socket; it was renamed to "
                            + aside.getFileName());
        }
    }

    private static void own(int directory, int user) throws PosixException {
        if (Fd.fstat(directory).uid() != user) {
            Fd.fchown(directory, user, -1);
        }
    }

    @Override
    public List<String> environment() {
        List<String> environment = new ArrayList<>(List.of("NOTIFY_SOCKET=" + path()));
        watchdog.ifPresent(time -> environment.add("WATCHDOG_USEC=" + time.toNanos() / NANOS_PER_MICRO));
        return environment;
    }

    @Override
    public void begin(int pid) throws PosixException {
        leader = pid;
        watch = Optional.of(loop.watch(socket, Epoll.IN, in -> read(MOST_AT_ONCE)));
    }

    @Override
    public void end() {
        watch.ifPresent(loop::unwatch);
        if (leader != 0) {
            read(MOST_AT_END);
        }
        try {
            Fd.close(socket);
            remove(directory);
        } catch (IOException e) {
            complaints.add("end", "its notify socket could not be removed: " + FileErrors.withFile(e));
        }
    }

    @Override
    public void abandon() {
        watch.ifPresent(loop::unwatch);
        try {
            Fd.close(socket);
        } catch (PosixException e) {
            complaints.add("end", "its notify socket could not be closed: " + e.getMessage());
        }
    }

    /** Removes a directory with its socket; what else its user has put there they may keep. */
    public static void remove(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory.resolve(SOCKET));
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            // Then it is not removed.
        }
    }

    private void read(int most) {
        try {
            Optional<Datagram> next = reader.next(socket);
            for (int i = 1; next.isPresent(); i++) {
                take(next.get());
                next = i < most ? reader.next(socket) : Optional.empty();
            }
        } catch (PosixException e) {
            complaints.add("read", "its notifications cannot be read: " + e.getMessage());
        }
    }

    private void take(Datagram datagram) throws PosixException {
        try {
            Optional<String> fault = fault(datagram);
            if (fault.isPresent()) {
                complaints.add(
                        "uid " + datagram.uid(),
                        "ignored a notification from uid " + Integer.toUnsignedString(datagram.uid()) + ", pid "
                                + datagram.pid() + ": " + fault.get());
            } else {
                take(Notification.parse(datagram.text()));
            }
        } finally {
            // The sender of BARRIER=1 waits for this, as a sign that everything that it sent before has been read.
            for (int descriptor : datagram.descriptors()) {
                Fd.close(descriptor);
            }
        }
    }

    private Optional<String> fault(Datagram datagram) throws PosixException {
        if (datagram.uid() != 0 && datagram.uid() != uid) {
            return Optional.of("expected root, or the service's user, which is uid " + Integer.toUnsignedString(uid));
        }
        if (!belongs(datagram.pid())) {
            return Optional.of("the process does not belong to this service");
        }
        return datagram.whole()
                ? Optional.empty()
                : Optional.of("it has more than " + DatagramReader.LONGEST + " bytes");
    }

    /** Whether a process belongs to this incarnation, or has ended, so that this is unknown. */
    private boolean belongs(int pid) throws PosixException {
        Optional<Proc.Task> sender = Proc.task(pid);
        if (sender.isEmpty() || sender.get().isDead()) {
            return true;
        }
        Optional<Proc.Task> task = sender;
        for (int i = 0; i < MOST_ANCESTORS && task.isPresent(); i++) {
            if (task.get().pgrp() == leader || task.get().session() == leader) {
                return true;
            }
            task = task.get().ppid() == 0
                    ? Optional.empty()
                    : Proc.task(task.get().ppid());
        }
        return Proc.environment(pid, marks.keySet()).equals(marks);
    }

    private void take(Notification said) {
        said.status().ifPresent(text -> status = text);
        said.error().ifPresent(number -> error = Errno.name(number));
        said.mainPid().ifPresent(pid -> {
            if (pid != leader) {
                complaints.add(
                        "MAINPID", "ignored MAINPID=" + pid + ": the main process is the one that Bellhop started");
            }
        });
        said.extensionNanos().ifPresent(nanos -> events.accept(new Event.Extended(launch, nanos)));
        if (said.reloading()) {
            reloading = true;
            reloadBegun = said.sentNanos().orElseGet(System::nanoTime);
        }
        if (said.ready()) {
            reloading = false;
            if (!ready) {
                ready = true;
                events.accept(new Event.BecameReady(launch));
            }
        }
        if (said.stopping()) {
            events.accept(new Event.StopAnnounced(launch));
        }
        switch (said.watchdog()) {
            case SILENT -> {}
            case PING -> events.accept(new Event.Pinged(launch));
            case TRIGGER -> events.accept(new Event.Unhealthy(launch, "it triggered its watchdog (WATCHDOG=trigger)"));
        }
        reported.run();
    }

    @Override
    public SelfReport report() {
        return new SelfReport(status, reloading, reloadBegun, error, watchdog, "", Optional.empty());
    }
}
