package bellhop.engine.process;

import bellhop.definition.Definition;
import bellhop.definition.Script;
import java.io.IOException;

/** Decides last before a script is run: whether all users who could have written it are trusted. */
@FunctionalInterface
public interface LaunchGuard {

    /** Trusts everybody. */
    LaunchGuard NONE = (definition, script) -> {};

    /**
     * Looks at the script as it is on disk now.
     *
     * @throws IOException if it is not to be run, and why
     */
    void check(Definition definition, Script script) throws IOException;
}
