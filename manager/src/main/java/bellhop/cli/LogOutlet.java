package bellhop.cli;

import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.Outlet;
import bellhop.engine.Records;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.log.LogPump;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Output that goes to the log of its service. {@code run} has a FIFO in the run dir; {@code pre} and
 * {@code post} have one each, so that their lines can be marked though what they started may still write.
 */
final class LogOutlet implements Outlet {

    private final LogPump pump;
    private final Records records;

    LogOutlet(LogPump pump, Records records) {
        this.pump = pump;
        this.records = records;
    }

    @Override
    public Streams open(ServiceName service, Script script) throws IOException {
        Path directory = records.directory(service);
        String mark = script == Script.RUN ? "" : "[" + script.fileName() + "]";
        int fd = pump.open(service.toString(), directory.resolve("log." + script.fileName()), mark);
        return new Streams(fd, fd);
    }

    @Override
    public void release(Streams streams) {
        try {
            Fd.close(streams.out());
        } catch (PosixException e) {
            throw new IllegalStateException("the descriptor that was opened for a script", e);
        }
    }
}
