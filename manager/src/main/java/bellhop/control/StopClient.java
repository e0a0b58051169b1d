package bellhop.control;

/**
 * Somebody who has connected to the socket of one service: wants it stopped, and waits to hear that it
 * is. Any thread may call these methods; none blocks, none fails, and only the first answer counts.
 */
public interface StopClient {

    /** Who it is. */
    Peer peer();

    /** Says that nothing of the service is left. */
    void stopped();

    /** Says why the service could not be stopped, or not in order. */
    void failed(String why);
}
