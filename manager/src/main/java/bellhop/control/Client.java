package bellhop.control;

import java.util.Iterator;
import java.util.List;

/**
 * The one who sent a request and waits for its answer: any number of lines, then one exit code. Any
 * thread may call these methods; none of them blocks, and none fails: what is written to a client
 * that went away, or after its exit code, is dropped.
 *
 * <p>Every request must be ended by {@link #exit}, also when its client is gone.
 */
public interface Client {

    /** Its identity. */
    Peer peer();

    /** Adds a line to the client's standard output; a text of several lines becomes several. */
    void out(String text);

    /** Adds a line to the client's standard error; a text of several lines becomes several. */
    void err(String text);

    /**
     * Adds a fact for a client that draws its output itself.
     *
     * @param words what it is, and what there is to know of it
     */
    void fact(List<String> words);

    /**
     * Adds many lines to the client's standard output, no faster than the client reads them. Other
     * output of this request must wait until {@code then} was called.
     *
     * @param lines the lines without their newlines, bytes as they are; asked on the thread {@code
     *     bellhop-control}, so that it may read a local file but must not wait for anything else
     * @param then called on that thread after the last line, or once the client is gone
     */
    void outAll(Iterator<byte[]> lines, Runnable then);

    /** The same with facts, as {@link RequestLine#format} writes each. */
    void factAll(Iterator<byte[]> facts, Runnable then);

    /** Ends the answer with the exit status for the client's process. Only the first call counts. */
    void exit(int code);

    /**
     * Has {@code listener} called on the thread {@code bellhop-control} when the client goes away
     * before {@link #exit}; at once if it has gone already.
     */
    void onGone(Runnable listener);
}
