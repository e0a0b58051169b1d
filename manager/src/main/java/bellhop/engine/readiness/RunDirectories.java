package bellhop.engine.readiness;

import bellhop.definition.ServiceName;
import java.io.IOException;
import java.nio.file.Path;

/** Where in the run dir the files of a service are. */
@FunctionalInterface
public interface RunDirectories {

    /** Has none: for services whose definitions ask for nothing that needs one. */
    RunDirectories NONE = service -> {
        throw new IOException("there is no run dir");
    };

    /**
     * The directory of one service; made if it is not there.
     *
     * @throws IOException if it cannot be made
     */
    Path of(ServiceName service) throws IOException;
}
