package bellhop.trigger;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The thread of one plugin. It does one call after the other; what a call throws, errors included, is an outcome as
 * any other. A plugin that never returns blocks this thread forever, and no other.
 */
final class PluginThread {
    private final BlockingQueue<Runnable> calls = new LinkedBlockingQueue<>();
    private final Thread thread;
    /** Belongs to the thread. */
    private boolean ended;

    /**
     * How a call ended.
     *
     * @param value what it returned; null if it threw
     * @param thrown what it threw; null if it returned
     */
    record CallResult<T>(@Nullable T value, @Nullable Throwable thrown) {}

    PluginThread(String name, ClassLoader classes) {
        thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
        thread.setContextClassLoader(classes);
        thread.start();
    }

    /** Makes a call once those before it are done, and reports the outcome, on this thread. */
    <T> void call(Callable<T> call, Consumer<CallResult<T>> outcome) {
        calls.add(() -> {
            CallResult<T> how;
            try {
                how = new CallResult<>(call.call(), null);
            } catch (Throwable thrown) {
                how = new CallResult<>(null, thrown);
            }
            // An interrupt was meant for this call.
            Thread.interrupted();
            outcome.accept(how);
        });
    }

    /** Tells the call that is being made that it takes too long. */
    void interrupt() {
        thread.interrupt();
    }

    /** Lets it end once its calls are done. */
    void end() {
        calls.add(() -> ended = true);
    }

    /** Waits for the end; returns whether it came in time. */
    boolean awaitEnd(long millis) {
        try {
            return thread.join(java.time.Duration.ofMillis(millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void run() {
        while (!ended) {
            try {
                calls.take().run();
            } catch (InterruptedException e) {
                // It was meant for a call that is over.
            }
        }
    }
}
