package bellhop.control;

import bellhop.linux.Epoll;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.loop.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A non-blocking descriptor with a client behind it: what it cannot take now is queued, within
 * bounds; the end of the client is noticed whatever is being waited for. Belongs to the loop's
 * thread.
 */
abstract class Wire {

    /** The bytes that one client may leave unread before it is dropped. */
    static final int MOST_QUEUED = 1 << 20;

    /** Below this the queue counts as having room for more of a long output. */
    static final int ROOM = 1 << 16;

    private final ControlLoop loop;
    private final Peer peer;
    private final int fd;
    private final EventLoop.Watch watch;
    private final Deque<ByteBuffer> queue = new ArrayDeque<>();
    private int queued;
    private int events;
    private boolean open = true;
    private boolean ending;

    Wire(ControlLoop loop, Peer peer, int fd, int events) throws PosixException {
        this.loop = loop;
        this.peer = peer;
        this.fd = fd;
        this.events = events;
        this.watch = loop.events().watch(fd, events, this::ready);
        loop.wires().add(this);
    }

    /** Called while there is something to read and {@link #read} was asked for. */
    abstract void readable() throws PosixException;

    /** Called whenever little is queued any more, and before the first line. */
    abstract void hasRoom();

    /** Called once, when the other end is gone or was dropped. */
    abstract void gone();

    /** Gives the descriptor back. */
    abstract void release();

    final ControlLoop loop() {
        return loop;
    }

    public final Peer peer() {
        return peer;
    }

    final int fd() {
        return fd;
    }

    final boolean isOpen() {
        return open;
    }

    /** The bytes that the client has still to take. */
    final int queued() {
        return queued;
    }

    /** The bytes of the client that wait to be looked at. */
    int unread() {
        return 0;
    }

    /** Writes what goes now and queues the rest. */
    final void send(byte[] bytes) {
        if (!open || ending) {
            return;
        }
        queue.add(ByteBuffer.wrap(bytes));
        queued += bytes.length;
        if (queued == bytes.length) {
            guarded(this::flush);
        }
        if (queued > MOST_QUEUED) {
            drop("it does not read");
        } else if (queued > ROOM) {
            loop.limitQueues();
        }
    }

    /** Sends no more, and closes once all that is queued has been taken. */
    final void finish() {
        ending = true;
        read(false);
        if (queued == 0) {
            close();
        }
    }

    /** Waits for input, or does not. */
    final void read(boolean wanted) {
        want(wanted ? events | Epoll.IN : events & ~Epoll.IN);
    }

    /** Closes without an answer: the client notices the end, and the log has a line. */
    final void drop(String why) {
        if (open) {
            loop.log("control: dropped a client (" + peer + "): " + why);
            lost();
        }
    }

    /** Closes now, without a report. */
    final void close() {
        if (!open) {
            return;
        }
        open = false;
        queue.clear();
        queued = 0;
        loop.wires().remove(this);
        loop.events().unwatch(watch);
        release();
    }

    private void lost() {
        close();
        gone();
    }

    private void ready(int now) {
        guarded(() -> {
            if (open && (now & Epoll.OUT) != 0) {
                flush();
            }
            if (open && (now & Epoll.IN) != 0) {
                readable();
            }
            if (open && (now & (Epoll.HUP | Epoll.ERR)) != 0) {
                lost();
            }
        });
    }

    private interface LineStep {
        void run() throws PosixException;
    }

    /** A call that fails on this descriptor says that the other end is gone. */
    private void guarded(LineStep step) {
        try {
            step.run();
        } catch (PosixException e) {
            if (open) {
                lost();
            }
        }
    }

    private void flush() throws PosixException {
        while (!queue.isEmpty()) {
            ByteBuffer bytes = loop.scratch();
            for (ByteBuffer part : queue) {
                int length = Math.min(part.remaining(), bytes.remaining());
                bytes.put(bytes.position(), part, part.position(), length);
                bytes.position(bytes.position() + length);
            }
            int written = Fd.write(fd, bytes.flip());
            if (written == Fd.WOULD_BLOCK) {
                break;
            }
            taken(written);
        }
        want(queue.isEmpty() ? events & ~Epoll.OUT : events | Epoll.OUT);
        if (ending && queue.isEmpty()) {
            close();
        } else if (queued < ROOM) {
            hasRoom();
        }
    }

    private void taken(int bytes) {
        queued -= bytes;
        int left = bytes;
        while (left > 0) {
            ByteBuffer first = queue.element();
            int length = Math.min(left, first.remaining());
            first.position(first.position() + length);
            left -= length;
            if (!first.hasRemaining()) {
                queue.remove();
            }
        }
    }

    private void want(int wanted) {
        if (!open || wanted == events) {
            return;
        }
        events = wanted;
        guarded(() -> loop.events().rewatch(watch, wanted));
    }
}
