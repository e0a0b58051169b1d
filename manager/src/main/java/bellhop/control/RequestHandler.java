package bellhop.control;

import java.util.List;

/** Carries out requests, whichever way they came in. */
@FunctionalInterface
public interface RequestHandler {

    /**
     * Begins to carry out one request. Called on the thread {@code bellhop-control}; must not block:
     * what takes time is answered later, through {@code client}, from any thread. An exception is
     * answered with exit status 70 and logged.
     *
     * @param words the words of the command line, first the verb, or before it {@code
     *     --caller=NAME#INCARNATION}; unchecked, and empty if the client sent no word
     * @param client takes the answer
     */
    void handle(List<String> words, Client client);
}
