package bellhop.terminal;

import java.io.IOException;

/** Draws the answer to one request. */
public interface Renderer {

    /** Takes the next fact. */
    void take(Fact fact);

    /**
     * All facts are there: draws what was not drawn yet.
     *
     * @param status the exit status that the manager answered
     * @return that of this program
     * @throws IOException if a further request fails
     */
    int end(int status) throws IOException;
}
