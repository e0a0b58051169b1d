package bellhop.control;

/**
 * A client of the socket of one service: it wants the service stopped, and waits for the report that it
 * is. Any thread may call these methods; none blocks, none fails, and only the first answer counts.
 */
public interface StopClient {

    /** Its identity. */
    Peer peer();

    /** Says that nothing of the service is left. */
    void stopped();

    /** Says why the service could not be stopped, or not in order. */
    void failed(String why);
}
