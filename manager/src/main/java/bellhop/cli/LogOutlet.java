package bellhop.cli;

import bellhop.definition.Definition;
import bellhop.definition.LogSettings;
import bellhop.definition.Script;
import bellhop.engine.Launcher;
import bellhop.engine.Outlet;
import bellhop.engine.Records;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import bellhop.linux.User;
import bellhop.log.Destination;
import bellhop.log.LogFiles;
import bellhop.log.LogPump;
import bellhop.log.Rotation;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Output that goes where the definition says. To get to a log or to the console {@code run} has a FIFO in the run
 * dir; {@code pre} and {@code post} have one each, so that their lines can be marked though what they started may
 * still write. What a service writes to is its user's, who may open it again as {@code /dev/stdout}.
 */
final class LogOutlet implements Outlet {

    private final LogPump pump;
    private final Records records;
    private final Path logs;

    LogOutlet(LogPump pump, Records records, Path logs) {
        this.pump = pump;
        this.records = records;
        this.logs = logs;
    }

    @Override
    public Streams open(Definition definition, Script script) throws IOException {
        LogSettings log = definition.log();
        int fd = switch (log.to()) {
            case NONE -> Fd.open("/dev/null", Fd.O_WRONLY, 0);
            case CONSOLE -> fifo(definition, script, new Destination.Console());
            case FILE ->
                log.direct()
                        ? file(definition)
                        : fifo(
                                definition,
                                script,
                                new Destination.File(new Rotation(log.maxSize(), log.keep()), log.timestamps()));
        };
        return new Streams(fd, fd);
    }

    private int fifo(Definition definition, Script script, Destination destination) throws IOException {
        Path fifo = records.directory(definition.name()).resolve("log." + script.fileName());
        boolean isRun = script == Script.RUN;
        String mark = isRun ? "" : "[" + script.fileName() + "]";
        int owner = isRun ? Launcher.userOf(definition) : User.euid();
        return pump.open(definition.name().toString(), fifo, mark, destination, owner);
    }

    /** The directory stays the manager's: in one of its own a service could put a link where the file is to be. */
    private int file(Definition definition) throws IOException {
        int fd = LogFiles.open(logs.resolve(definition.name().toString()));
        try {
            int owner = Launcher.userOf(definition);
            Stat stat = Fd.fstat(fd);
            if (!stat.isRegular()) {
                throw new IOException("log: the file of " + definition.name() + " is not a regular one");
            }
            if (stat.uid() != owner) {
                Fd.fchown(fd, owner, -1);
            }
            Fd.setNonBlocking(fd, false);
            return fd;
        } catch (IOException e) {
            Fd.close(fd);
            throw e;
        }
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
