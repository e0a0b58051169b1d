package bellhop.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes in directories, as the kernel reports them ({@code inotify(7)}). One thread at a time; nothing here blocks.
 *
 * <pre>{@code
 * struct inotify_event {              // 16 bytes and the name
 *     int wd;                         //  0
 *     uint32_t mask;                  //  4
 *     uint32_t cookie;                //  8
 *     uint32_t len;                   // 12: of the name, with the NULs that fill it up
 *     char name[];                    // 16
 * };
 * }</pre>
 */
public final class Inotify implements AutoCloseable {

    // <sys/inotify.h>
    static final int IN_MODIFY = 0x2;
    static final int IN_ATTRIB = 0x4;
    static final int IN_MOVED_FROM = 0x40;
    static final int IN_MOVED_TO = 0x80;
    static final int IN_CREATE = 0x100;
    static final int IN_DELETE = 0x200;
    static final int IN_MOVE_SELF = 0x800;
    static final int IN_Q_OVERFLOW = 0x4000;
    static final int IN_IGNORED = 0x8000;
    static final int IN_ONLYDIR = 0x1000000;
    static final int IN_MASK_ADD = 0x20000000;
    static final int IN_CLOEXEC = Fd.O_CLOEXEC;
    static final int IN_NONBLOCK = Fd.O_NONBLOCK;

    static final int EVENT_SIZE = 16;
    static final int WD = 0;
    static final int MASK = 4;
    static final int LEN = 12;

    /** Entries that come and go, and their modes and owners; and the directory gets another name. */
    private static final int ENTRIES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_MOVE_SELF;

    private static final int HOW = IN_ONLYDIR | IN_MASK_ADD;

    /** An event has at most NAME_MAX bytes of a name, and a NUL. */
    private static final int BUFFER_SIZE = 64 * (EVENT_SIZE + 256);

    private static final CFunction INIT1 = CFunction.named("inotify_init1");
    private static final CFunction ADD_WATCH = CFunction.named("inotify_add_watch");
    private static final CFunction RM_WATCH = CFunction.named("inotify_rm_watch");

    private final int fd;
    private final MemorySegment memory = Arena.ofAuto().allocate(BUFFER_SIZE, Long.BYTES);
    private final ByteBuffer buffer = CallFrame.buffer(memory);

    /** What the kernel reports. */
    public sealed interface DirectoryEvent {

        /** An entry of the directory of a watch has changed. */
        record Changed(int watch, String name) implements DirectoryEvent {}

        /** The watch is no more: it was removed, or its directory is gone. */
        record Ended(int watch) implements DirectoryEvent {}

        /** Events were lost, for they came faster than they were read: anything may have changed. */
        record Overflow() implements DirectoryEvent {}
    }

    private Inotify(int fd) {
        this.fd = fd;
    }

    /**
     * Watches nothing yet.
     *
     * @throws PosixException if this user has too many of them already, or too many files are open
     */
    public static Inotify open() throws PosixException {
        CallFrame frame = CallFrame.get();
        int fd = INIT1.call(frame, IN_CLOEXEC | IN_NONBLOCK);
        if (fd < 0) {
            throw frame.failure("inotify_init1");
        }
        return new Inotify(fd);
    }

    /** To be added to an {@link Epoll} with {@link Epoll#IN}. */
    public int fd() {
        return fd;
    }

    /**
     * Watches a directory; a link is followed.
     *
     * @param withContent whether writing to a file in it is a change, too
     * @return the watch; a directory has one, whatever path leads to it, and it reports what any call has asked for
     * @throws NoSuchFileException if nothing is there
     * @throws NotDirectoryException if something else is there
     */
    public int watch(Path directory, boolean withContent) throws IOException {
        CallFrame frame = CallFrame.get();
        String text = CText.of(directory);
        long name = frame.path("inotify_add_watch", text);
        int watch = ADD_WATCH.call(frame, fd, name, HOW | ENTRIES | (withContent ? IN_MODIFY : 0));
        if (watch >= 0) {
            return watch;
        }
        throw switch (frame.lastError()) {
            case Errno.ENOENT -> new NoSuchFileException(text);
            case Errno.ENOTDIR -> new NotDirectoryException(text);
            default -> frame.failure("inotify_add_watch", text);
        };
    }

    /** Ends a watch, which {@link DirectoryEvent.Ended} reports then; not wrong if it is no more. */
    public void unwatch(int watch) {
        int _ = RM_WATCH.call(CallFrame.get(), fd, watch);
    }

    /** Takes the next events, in their order; none if there are none now. */
    public List<DirectoryEvent> receive() throws PosixException {
        int count = Math.max(0, Fd.read(fd, memory));
        List<DirectoryEvent> events = new ArrayList<>();
        for (int at = 0; at < count; at += EVENT_SIZE + buffer.getInt(at + LEN)) {
            int watch = buffer.getInt(at + WD);
            int mask = buffer.getInt(at + MASK);
            if ((mask & IN_Q_OVERFLOW) != 0) {
                events.add(new DirectoryEvent.Overflow());
            } else if ((mask & IN_IGNORED) != 0) {
                events.add(new DirectoryEvent.Ended(watch));
            } else {
                events.add(new DirectoryEvent.Changed(watch, name(at + EVENT_SIZE, buffer.getInt(at + LEN))));
            }
        }
        return events;
    }

    /** Empty if the directory itself has changed. */
    private String name(int from, int length) {
        byte[] bytes = new byte[length];
        buffer.get(from, bytes);
        int end = 0;
        while (end < length && bytes[end] != 0) {
            end++;
        }
        return CText.decode(bytes, 0, end);
    }

    @Override
    public void close() throws PosixException {
        Fd.close(fd);
    }
}
