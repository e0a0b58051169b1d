package bellhop.engine;

import bellhop.linux.Epoll;
import bellhop.linux.PosixException;
import bellhop.linux.Wakeup;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The one place where the loop waits: descriptors with what to call when they are ready. Each watch has
 * a token that is never reused, so that an event of a descriptor that was closed meanwhile finds nobody.
 */
final class Poller implements AutoCloseable {

    private final Epoll epoll;
    private final Wakeup wakeup;
    private final Map<Long, IntConsumer> handlers = new HashMap<>();
    private long lastToken;
    private boolean closed;

    Poller() throws PosixException {
        epoll = Epoll.open();
        wakeup = Wakeup.open();
        watch(wakeup.fd(), Epoll.IN, events -> drain());
    }

    /** Calls the handler with the {@link Epoll} events whenever there are some. */
    Watch watch(int fd, int events, IntConsumer handler) throws PosixException {
        long token = ++lastToken;
        epoll.add(fd, events, token);
        handlers.put(token, handler);
        return new Watch(fd, token);
    }

    /** Before the descriptor is closed. */
    void unwatch(Watch watch) {
        if (handlers.remove(watch.token()) != null) {
            try {
                epoll.remove(watch.fd());
            } catch (PosixException e) {
                throw new IllegalStateException("a watched descriptor was closed: " + watch, e);
            }
        }
    }

    /** Waits until something is ready, somebody wakes it, or the time is over, and calls the handlers. */
    void await(long timeoutNanos) throws PosixException {
        epoll.await(timeoutNanos, (token, events) -> {
            IntConsumer handler = handlers.get(token);
            if (handler != null) {
                handler.accept(events);
            }
        });
    }

    /** From any thread: lets {@link #await} return. Does nothing once this is closed: the descriptor is gone. */
    synchronized void wake() {
        try {
            if (!closed) {
                wakeup.wake();
            }
        } catch (PosixException e) {
            throw new IllegalStateException("the loop cannot be woken", e);
        }
    }

    private void drain() {
        try {
            wakeup.drain();
        } catch (PosixException e) {
            throw new IllegalStateException("the loop cannot be woken again", e);
        }
    }

    @Override
    public synchronized void close() throws PosixException {
        closed = true;
        wakeup.close();
        epoll.close();
    }

    /** A descriptor that is watched. */
    record Watch(int fd, long token) {}
}
