package bellhop.core;

/**
 * Why a service is down, or is going to be.
 *
 * @param word {@link Word#STOPPED}, {@link Word#FAILED} or {@link Word#FINISHED}
 * @param clean false if {@code post} failed, so that something may be left behind
 * @param detail what happened, {@code pre exited 42 after 0.1 s}; empty if there is no more to say
 */
public record Ending(Word word, boolean clean, String detail) {
    static final Ending STOPPED = new Ending(Word.STOPPED, true, "");

    static Ending failed(String detail) {
        return new Ending(Word.FAILED, true, detail);
    }

    /** A halt turns every ending into a plain stop, but never hides a failed {@code post}. */
    Ending halted() {
        return clean ? STOPPED : this;
    }
}
