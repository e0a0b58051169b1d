package bellhop.control;

import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The way in by the FIFO {@code control}, for scripts: a request names the FIFO in {@code reply/} that
 * takes its answer. The FIFO {@code alive} is held open as long as there is a manager.
 */
public final class ControlFifo implements AutoCloseable {

    /** The longest request, without its newlines; what is shorter is written in one piece. */
    static final int LONGEST_REQUEST = 4000;

    /** Requests that wait for their answers; each takes a descriptor. */
    static final int MOST_REQUESTS = 500;

    /** Always one element of a path, and nothing hidden. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");

    private static final int LONGEST_PID = 9;

    /** How the name of what is no FIFO and cannot simply be removed begins; no client has one like it. */
    private static final String SET_ASIDE = ".set-aside.";

    /** How long the reader of an answer may let it lie. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How long to wait for descriptors to become free. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    private static final Duration BETWEEN_COMPLAINTS = Duration.ofSeconds(1);

    private static final int USAGE = 64;
    private static final int TRY_LATER = 75;

    /** Says that the other end of this reply FIFO is a manager. */
    private static final byte[] ACCEPTED = "a\n".getBytes(StandardCharsets.US_ASCII);

    /** Its first newline ends what a manager that died in the middle of a line has left. */
    private static final byte[] NO_MANAGER = "\nx 69\n".getBytes(StandardCharsets.US_ASCII);

    private final ControlLoop loop;
    private final RunDir runDir;
    private final RequestHandler handler;
    private final Duration patience;
    private final int alive;
    private final int control;
    private final Set<ReplyFifo> replies = new HashSet<>();
    /** Complete lines that are still to be answered. */
    private final Queue<Line> lines = new ArrayDeque<>();

    private final byte[] line = new byte[LONGEST_REQUEST];
    private int length;
    private boolean tooLong;
    /** Since a descriptor was missing, until there is one. */
    private boolean failing;

    private int ignored;
    private Optional<EventLoop.Watch> watch = Optional.empty();
    private boolean open = true;

    /**
     * Takes the text between two newlines.
     *
     * @param isCut whether it was longer than a request may be, and {@code text} is its beginning
     */
    private record Line(String text, boolean isCut) {}

    private ControlFifo(
            ControlLoop loop, RunDir runDir, RequestHandler handler, Duration patience, int alive, int control) {
        this.loop = loop;
        this.runDir = runDir;
        this.handler = handler;
        this.patience = patience;
        this.alive = alive;
        this.control = control;
    }

    /**
     * Makes {@code control}, {@code alive} and {@code reply/} and takes requests from now on. What an
     * earlier manager left of them is replaced, and clients that still wait for its answer are told to give
     * up. Any thread may call this; it needs neither the socket library nor the handler to be loaded.
     *
     * @throws ControlException if the run dir does not let it
     */
    public static ControlFifo open(ControlLoop loop, RunDir runDir, Access access, RequestHandler handler)
            throws ControlException {
        return open(loop, runDir, access, handler, PATIENCE);
    }

    static ControlFifo open(ControlLoop loop, RunDir runDir, Access access, RequestHandler handler, Duration patience)
            throws ControlException {
        int alive = -1;
        int control = -1;
        try {
            // In this order: who finds control finds the other two.
            Files.deleteIfExists(runDir.control());
            alive = makeFifo(runDir.alive(), access);
            makeReplyDirectory(loop, runDir.reply());
            access.allowAdding(runDir.reply());
            control = makeFifo(runDir.control(), access);
            ControlFifo fifo = new ControlFifo(loop, runDir, handler, patience, alive, control);
            loop.execute(fifo::begin);
            return fifo;
        } catch (IOException e) {
            closeQuietly(loop, alive);
            closeQuietly(loop, control);
            String why = e instanceof PosixException posix ? posix.reason() : e.toString();
            throw new ControlException("run dir " + runDir.path() + ": cannot make its FIFOs: " + why, e);
        }
    }

    /**
     * A new one each time: who still has an old one open sees it end, and what lies in it is gone. It gets its name
     * once it is held open and may be used, so that no client finds it sooner.
     */
    private static int makeFifo(Path path, Access access) throws IOException {
        Path unnamed = path.resolveSibling("." + path.getFileName() + ".next");
        Files.deleteIfExists(unnamed);
        Fd.mkfifo(unnamed, 0600);
        int fd = Fd.open(unnamed, Fd.O_RDWR | Fd.O_NONBLOCK | Fd.O_NOFOLLOW, 0);
        try {
            access.allowReadingAndWriting(unnamed);
            Files.move(unnamed, path, StandardCopyOption.ATOMIC_MOVE);
            return fd;
        } catch (IOException e) {
            Fd.close(fd);
            throw e;
        }
    }

    private static void makeReplyDirectory(ControlLoop loop, Path reply) throws IOException {
        if (!Files.isDirectory(reply, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(reply);
            Files.createDirectory(
                    reply, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        dismissAll(loop, reply);
    }

    /** Answers in place of a manager that will not, and removes FIFOs without a reader. */
    private static void dismissAll(ControlLoop loop, Path reply) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(reply)) {
            for (Path entry : entries) {
                try {
                    if (!Fd.lstat(entry).isFifo() || !dismiss(entry)) {
                        Files.deleteIfExists(entry);
                    }
                } catch (DirectoryNotEmptyException e) {
                    setAside(loop, entry);
                } catch (IOException e) {
                    loop.log("control: " + entry + ": cannot be removed: " + FileErrors.of(e));
                }
            }
        }
    }

    /** Nothing of anybody's is walked through: a directory gets a name that no client has, and stays. */
    private static void setAside(ControlLoop loop, Path directory) throws IOException {
        if (!directory.getFileName().toString().startsWith(SET_ASIDE)) {
            Path aside =
                    directory.resolveSibling(SET_ASIDE + Fd.lstat(directory).ino());
            Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
            loop.log("control: " + directory + ": a non-empty directory, expected a client's FIFO; it was renamed to "
                    + aside.getFileName());
        }
    }

    private static boolean dismiss(Path fifo) throws PosixException {
        int fd;
        try {
            fd = Fd.open(fifo, Fd.O_WRONLY | Fd.O_NONBLOCK | Fd.O_NOFOLLOW, 0);
        } catch (PosixException e) {
            return false;
        }
        try {
            if (!isReply(Fd.fstat(fd))) {
                return false;
            }
            Fd.write(
                    fd,
                    ByteBuffer.allocateDirect(NO_MANAGER.length).put(NO_MANAGER).flip());
        } finally {
            Fd.close(fd);
        }
        return true;
    }

    private void begin() {
        try {
            watch = Optional.of(loop.events().watch(control, Epoll.IN, events -> readable()));
        } catch (PosixException e) {
            loop.log("control: the FIFO accepts no requests: " + e.getMessage());
        }
    }

    /** Accepts no more requests, informs waiting clients that the manager ends, and removes all three. */
    @Override
    public void close() {
        end(true);
    }

    /** As {@link #close}, but all three stay, as after a manager that was killed: another one comes at once. */
    public void leave() {
        end(false);
    }

    private void end(boolean removes) {
        loop.execute(() -> {
            if (!open) {
                return;
            }
            open = false;
            try {
                if (removes) {
                    Files.deleteIfExists(runDir.control());
                }
                watch.ifPresent(loop.events()::unwatch);
                Fd.close(control);
                for (ReplyFifo reply : Set.copyOf(replies)) {
                    reply.send(NO_MANAGER);
                    reply.finish();
                }
                dismissAll(loop, runDir.reply());
                if (removes) {
                    removeReplyDirectory();
                    Files.deleteIfExists(runDir.alive());
                }
            } catch (IOException e) {
                loop.log("control: " + e.getMessage());
            } finally {
                closeQuietly(loop, alive);
            }
        });
    }

    private void removeReplyDirectory() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(runDir.reply())) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().startsWith(SET_ASIDE)) {
                    Files.deleteIfExists(entry);
                }
            }
            Files.deleteIfExists(runDir.reply());
        } catch (DirectoryNotEmptyException e) {
            // Directories that were set aside stay in it.
        }
    }

    private static void closeQuietly(ControlLoop loop, int fd) {
        if (fd < 0) {
            return;
        }
        try {
            Fd.close(fd);
        } catch (PosixException e) {
            loop.log("control: " + e.getMessage());
        }
    }

    private void readable() {
        try {
            ByteBuffer bytes = loop.scratch();
            Fd.read(control, bytes);
            for (bytes.flip(); bytes.hasRemaining(); ) {
                take(bytes.get());
            }
        } catch (PosixException e) {
            loop.log("control: " + e.getMessage());
        }
        answerLines();
    }

    private void take(byte b) {
        if (b != '\n') {
            if (length < line.length) {
                line[length++] = b;
            } else {
                tooLong = true;
            }
            return;
        }
        if (length > 0) {
            lines.add(new Line(new String(line, 0, length, StandardCharsets.UTF_8), tooLong));
        }
        length = 0;
        tooLong = false;
    }

    private void answerLines() {
        for (Line next = lines.peek(); next != null; next = lines.peek()) {
            if (!answer(next)) {
                pause();
                return;
            }
            lines.remove();
        }
    }

    /** Until there are descriptors again requests stay in the FIFO: no client waits for an answer in vain. */
    private void pause() {
        rewatch(0);
        loop.after(PAUSE, () -> {
            if (open) {
                answerLines();
            }
            if (open && lines.isEmpty()) {
                rewatch(Epoll.IN);
            }
        });
    }

    private void rewatch(int events) {
        try {
            if (watch.isPresent()) {
                loop.events().rewatch(watch.get(), events);
            }
        } catch (PosixException e) {
            loop.log("control: " + e.getMessage());
        }
    }

    /** Carries it out, if it is a request; returns false if no descriptor is left for the answer. */
    private boolean answer(Line request) {
        int blank = request.text.indexOf(' ');
        String name = blank < 0 ? request.text : request.text.substring(0, blank);
        ReplyFifo reply;
        try {
            reply = replyTo(name);
        } catch (PosixException e) {
            if (!failing) {
                loop.log("control: cannot answer, trying again: " + e.getMessage());
            }
            failing = true;
            return false;
        }
        failing = false;
        if (reply == null) {
            ignore();
            return true;
        }
        reply.send(ACCEPTED);
        if (!reply.isOpen()) {
            return true;
        }
        if (request.isCut) {
            reply.refuse("the request is longer than " + LONGEST_REQUEST + " bytes", USAGE);
        } else if (replies.size() > MOST_REQUESTS) {
            reply.refuse("too many requests are waiting (" + MOST_REQUESTS + "); try again later", TRY_LATER);
        } else {
            reply.begin(blank < 0 ? "" : request.text.substring(blank + 1));
        }
        return true;
    }

    /** One complaint a second, however much garbage comes. */
    private void ignore() {
        ignored++;
        if (ignored == 1) {
            loop.after(BETWEEN_COMPLAINTS, () -> {
                loop.log("control: ignored " + ignored + " lines that name no usable reply FIFO");
                ignored = 0;
            });
        }
    }

    /**
     * Opens the FIFO of that name, and removes the name, if it is safe to write to it and it has a reader.
     *
     * @throws PosixException if no descriptor is left for it
     */
    private @Nullable ReplyFifo replyTo(String name) throws PosixException {
        if (!NAME.matcher(name).matches()) {
            return null;
        }
        Path path = runDir.reply().resolve(name);
        int fd;
        try {
            fd = Fd.open(path, Fd.O_WRONLY | Fd.O_NONBLOCK | Fd.O_NOFOLLOW, 0);
        } catch (PosixException e) {
            if (e.errno() == Errno.EMFILE || e.errno() == Errno.ENFILE) {
                throw e;
            }
            if (e.errno() == Errno.ENXIO) {
                removeIfFifo(path);
            }
            return null;
        }
        try {
            Stat stat = Fd.fstat(fd);
            if (isReply(stat)) {
                ReplyFifo reply = new ReplyFifo(fd, path, new Peer(stat.uid(), stat.gid(), claimedPid(name), true));
                replies.add(reply);
                // Its name has served: no other request finds it, and the client need not remove it.
                removeIfFifo(path);
                return reply;
            }
        } catch (PosixException e) {
            loop.log("control: " + path + ": " + e.getMessage());
        }
        closeQuietly(loop, fd);
        return null;
    }

    /** A FIFO with another link is also elsewhere, where it may be another user's. */
    private static boolean isReply(Stat stat) {
        return stat.isFifo() && stat.links() == 1;
    }

    private void removeIfFifo(Path path) {
        try {
            if (Fd.lstat(path).isFifo()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            loop.log("control: " + path + ": cannot be removed: " + FileErrors.of(e));
        }
    }

    /** The digits that the name begins with. */
    private static int claimedPid(String name) {
        int digits = 0;
        while (digits < name.length() && Character.isDigit(name.charAt(digits))) {
            digits++;
        }
        return digits == 0 || digits > LONGEST_PID ? 0 : Integer.parseInt(name.substring(0, digits));
    }

    /** The FIFO that takes the answer of one request. */
    private final class ReplyFifo extends Wire {

        private final Path path;
        private @Nullable Exchange exchange;

        ReplyFifo(int fd, Path path, Peer peer) throws PosixException {
            super(loop, peer, fd, 0);
            this.path = path;
        }

        void begin(String request) {
            List<String> words;
            try {
                words = RequestLine.parse(request);
            } catch (MalformedRequestException e) {
                refuse(e.getMessage(), USAGE);
                return;
            }
            Exchange begun = new Exchange(this, this::end);
            exchange = begun;
            begun.begin(handler, words);
        }

        void refuse(String why, int code) {
            send(Exchange.refusal(why, code));
            end();
        }

        private void end() {
            finish();
            if (isOpen()) {
                loop.after(patience, () -> drop(path + " has no reader"));
            }
        }

        @Override
        void readable() {}

        @Override
        void hasRoom() {
            if (exchange != null) {
                exchange.hasRoom();
            }
        }

        @Override
        void gone() {
            if (exchange != null) {
                exchange.gone();
            }
        }

        @Override
        void release() {
            replies.remove(this);
            closeQuietly(loop, fd());
        }
    }
}
