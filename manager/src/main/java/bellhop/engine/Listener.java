package bellhop.engine;

import bellhop.core.Service;

/** Is told what goes on. Called by the loop, so it may not block. */
public interface Listener {

    /** A service is now as described; its word or its detail differ from before. */
    void changed(Service service);

    /** Something that the operator should know, one line. */
    void warn(String line);
}
