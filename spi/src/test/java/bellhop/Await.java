package bellhop;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what another process or thread is to do, and leaves it the processor meanwhile. */
public final class Await {

    /** Much more than anything takes that a test waits for, on a machine that is busy with other tests. */
    public static final long LIMIT_S = 60;

    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private Await() {}

    /**
     * What is waited for.
     *
     * @param <E> what looking may throw
     */
    @FunctionalInterface
    public interface Condition<E extends Exception> {
        boolean holds() throws E;
    }

    /**
     * Returns as soon as a condition holds.
     *
     * @param what the condition in words, for the message
     * @throws AssertionError if it does not hold within a minute
     */
    public static <E extends Exception> void until(String what, Condition<E> condition) throws E {
        until(() -> what, condition);
    }

    /** The same with a message that is made when it is needed, so that it can say how things are then. */
    public static <E extends Exception> void until(Supplier<String> what, Condition<E> condition) throws E {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_S);
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + LIMIT_S + " s: " + what.get());
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted while it waited: " + what.get());
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }
}
