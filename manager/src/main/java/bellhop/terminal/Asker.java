package bellhop.terminal;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Sends requests to the manager, each on a connection of its own, and waits for the answer. Good for any thread. */
public interface Asker {

    /**
     * What a manager answered.
     *
     * @param status the exit status
     * @param out the lines for standard output
     * @param err the lines for standard error
     */
    record Said(int status, List<String> out, List<String> err) {}

    /**
     * Asks for facts. What the manager says on standard output and standard error is printed.
     *
     * @param words the words of the request; {@code --facts} is put before them
     * @param facts takes each fact as it comes
     * @return the exit status that the manager answered
     * @throws IOException if no manager answers
     */
    int ask(List<String> words, Consumer<Fact> facts) throws IOException;

    /**
     * Asks as a user would, and prints nothing.
     *
     * @throws IOException if no manager answers
     */
    Said ask(List<String> words) throws IOException;
}
