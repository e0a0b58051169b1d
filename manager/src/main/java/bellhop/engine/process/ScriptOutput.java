package bellhop.engine.process;

import bellhop.definition.Definition;
import bellhop.definition.Script;
import java.io.IOException;

/** Where what a script writes goes. Called by the loop, so it may not block. */
public interface ScriptOutput {

    /**
     * Makes ready for a script that is about to be spawned.
     *
     * @throws IOException if there is no way; the script is then not spawned
     */
    Streams open(Definition definition, Script script) throws IOException;

    /** The script was spawned, or could not be: what was opened for it alone can be closed. */
    void release(Streams streams);

    /**
     * A script of this definition may still write, or have written, to what was opened for it by an earlier manager;
     * not wrong if there is no such thing.
     *
     * @throws IOException if what it writes cannot be had
     */
    default void attach(Definition definition, Script script) throws IOException {}

    /** Descriptors for a script's standard output and standard error. */
    record Streams(int out, int err) {}

    /** The manager's own output. */
    ScriptOutput INHERITED = new ScriptOutput() {
        @Override
        public Streams open(Definition definition, Script script) {
            return new Streams(1, 2);
        }

        @Override
        public void release(Streams streams) {}
    };
}
