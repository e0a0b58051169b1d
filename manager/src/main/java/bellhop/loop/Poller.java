package bellhop.loop;

import bellhop.linux.Epoll;
import bellhop.linux.PosixException;
import bellhop.linux.Wakeup;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;

/**
 * The one place where the loop waits: descriptors with what to call when they are ready. Each watch has
 * a token that is never reused, so that an event of a descriptor that was closed meanwhile finds nobody.
 */
public final class Poller implements AutoCloseable {

    private final Epoll epoll;
    private final Wakeup wakeup;
    private final BiConsumer<Watch, Throwable> failed;
    private final Map<Long, Registration> handlers = new HashMap<>();
    private long lastToken;
    private boolean closed;

    /** What is watched, and whether it is at the moment. */
    private static final class Registration {
        final Watch watch;
        final int events;
        final IntConsumer handler;
        boolean paused;

        Registration(Watch watch, int events, IntConsumer handler) {
            this.watch = watch;
            this.events = events;
            this.handler = handler;
        }
    }

    /**
     * Waits for nothing yet.
     *
     * @param failed is told of a handler that has failed; that watch is paused until {@link #resume}, and the others go
     *     on
     */
    public Poller(BiConsumer<Watch, Throwable> failed) throws PosixException {
        this.failed = failed;
        epoll = Epoll.open();
        wakeup = Wakeup.open();
        watch(wakeup.fd(), Epoll.IN, events -> drain());
    }

    /** Calls the handler with the {@link Epoll} events whenever there are some. */
    public Watch watch(int fd, int events, IntConsumer handler) throws PosixException {
        Watch watch = new Watch(fd, ++lastToken);
        epoll.add(fd, events, watch.token());
        handlers.put(watch.token(), new Registration(watch, events, handler));
        return watch;
    }

    /** Before the descriptor is closed. */
    public void unwatch(Watch watch) {
        Registration watched = handlers.remove(watch.token());
        if (watched != null && !watched.paused) {
            remove(watch);
        }
    }

    private void remove(Watch watch) {
        try {
            epoll.remove(watch.fd());
        } catch (PosixException e) {
            throw new IllegalStateException("a watched descriptor was closed: " + watch, e);
        }
    }

    /**
     * Waits until something is ready, somebody wakes it, or the time is over, and calls the handlers of all that was
     * ready then, each once.
     *
     * @param woken is called before them
     */
    public void await(long timeoutNanos, Runnable woken) throws PosixException {
        epoll.awaitAll(timeoutNanos, handlers.size());
        woken.run();
        epoll.tell((token, events) -> {
            Registration watched = handlers.get(token);
            if (watched != null) {
                call(watched, events);
            }
        });
    }

    private void call(Registration watched, int events) {
        try {
            watched.handler.accept(events);
        } catch (RuntimeException | Error e) {
            if (handlers.containsKey(watched.watch.token())) {
                watched.paused = true; // or it would be called again and again, at once
                remove(watched.watch);
            }
            failed.accept(watched.watch, e);
        }
    }

    /** Calls the handler again, whose failure was told. */
    public void resume(Watch watch) {
        Registration watched = handlers.get(watch.token());
        if (watched != null && watched.paused) {
            watched.paused = false;
            try {
                epoll.add(watch.fd(), watched.events, watch.token());
            } catch (PosixException e) {
                throw new IllegalStateException("a watched descriptor was closed: " + watch, e);
            }
        }
    }

    /** From any thread: lets {@link #await} return. Does nothing once this is closed: the descriptor is gone. */
    public synchronized void wake() {
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
    public record Watch(int fd, long token) {}
}
