package bellhop.manager;

import bellhop.control.RequestHandler;

/** What carries out the requests of a manager's clients. Belongs to the thread {@code bellhop-control}. */
public interface Commands extends RequestHandler {

    /** Loads and makes what the first request would otherwise wait for. */
    void load();
}
