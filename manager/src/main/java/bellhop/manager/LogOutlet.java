package bellhop.manager;

import bellhop.catalog.TrustCheck;
import bellhop.definition.Definition;
import bellhop.definition.KillMode;
import bellhop.definition.LogSettings;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.process.ScriptCommand;
import bellhop.engine.process.ScriptOutput;
import bellhop.engine.record.Records;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Self;
import bellhop.linux.Stat;
import bellhop.log.Destination;
import bellhop.log.LogFiles;
import bellhop.log.LogPump;
import bellhop.log.Rotation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Output that goes where the definition says. To get to a log or to the console {@code run} has a FIFO in the run
 * dir; {@code pre} and {@code post} have one each, so that their lines can be marked though what they started may
 * still write. What a service writes to is its user's, who may open it again as {@code /dev/stdout}.
 */
final class LogOutlet implements ScriptOutput {

    /** What the pump notes, in the run dir; no name of a service begins with a dot. */
    static final String NOTES = ".log-transfer";

    private final LogPump pump;
    private final Records records;
    private final Path logs;
    private final TrustCheck trust;
    private final boolean toConsole;
    /** Those of whose earlier scripts somebody may have been left alive on purpose. */
    private final Set<ServiceName> shared = new HashSet<>();

    /**
     * Makes it.
     *
     * @param logs where the directories of the logs are
     * @param trust judges them
     * @param toConsole whether what is to go to a file goes to the console instead
     */
    LogOutlet(LogPump pump, Records records, Path logs, TrustCheck trust, boolean toConsole) {
        this.pump = pump;
        this.records = records;
        this.logs = logs;
        this.trust = trust;
        this.toConsole = toConsole;
    }

    @Override
    public Streams open(Definition definition, Script script) throws IOException {
        LogSettings log = definition.log();
        Optional<Destination> destination = destination(log);
        if (log.to() == LogSettings.To.FILE && !toConsole) {
            prepare(trust, logs, definition.name().toString());
        }
        int fd;
        if (destination.isPresent()) {
            fd = fifo(definition, script, destination.get());
        } else {
            fd = log.to() == LogSettings.To.FILE ? file(definition) : Fd.open("/dev/null", Fd.O_WRONLY, 0);
        }
        return new Streams(fd, fd);
    }

    /**
     * Nobody else may have a hand in where the log is going to be. What is above it is made now: had somebody else made
     * it before, it would be found here.
     */
    static void prepare(TrustCheck trust, Path logs, String name) throws IOException {
        Path log = logs.resolve(name);
        Optional<String> wrong = trust.whatIsWrongWithDirectory(logs);
        if (wrong.isEmpty() && !Files.exists(logs)) {
            LogFiles.makeDirectory(logs);
            wrong = trust.whatIsWrongWithDirectory(logs);
        }
        if (wrong.isEmpty() && Files.exists(log, LinkOption.NOFOLLOW_LINKS)) {
            wrong = trust.whatIsWrongWithDirectory(log);
        }
        if (wrong.isPresent()) {
            throw new IOException("log: " + wrong.get());
        }
    }

    private int fifo(Definition definition, Script script, Destination destination) throws IOException {
        int owner = script == Script.RUN ? ScriptCommand.userOf(definition) : Self.euid();
        boolean mayBeShared = shared.contains(definition.name());
        noteWhetherShared(definition);
        return pump.open(
                definition.name().toString(), path(definition, script), mark(script), destination, owner, mayBeShared);
    }

    /** A stop that reaches all leaves nobody who writes. */
    private void noteWhetherShared(Definition definition) {
        if (definition.stop().killMode() != KillMode.ALL) {
            shared.add(definition.name());
        }
    }

    @Override
    public void attach(Definition definition, Script script) throws IOException {
        Optional<Destination> destination = destination(definition.log());
        Path fifo = path(definition, script);
        noteWhetherShared(definition);
        if (destination.isPresent() && Files.exists(fifo, LinkOption.NOFOLLOW_LINKS)) {
            pump.attach(definition.name().toString(), fifo, mark(script), destination.get());
        }
    }

    private Path path(Definition definition, Script script) throws IOException {
        return records.directory(definition.name()).resolve("log." + script.fileName());
    }

    private static String mark(Script script) {
        return script == Script.RUN ? "" : "[" + script.fileName() + "]";
    }

    /** Where what comes through a FIFO goes; empty where there is none. */
    private Optional<Destination> destination(LogSettings log) {
        LogSettings.To to = log.to() == LogSettings.To.FILE && toConsole ? LogSettings.To.CONSOLE : log.to();
        return switch (to) {
            case NONE -> Optional.empty();
            case CONSOLE -> Optional.of(new Destination.Console());
            case FILE ->
                log.direct()
                        ? Optional.empty()
                        : Optional.of(new Destination.LogFile(
                                new Rotation(log.maxSize(), log.maxAge(), log.keep()),
                                log.timestamps(),
                                log.waitsWhenFull()));
        };
    }

    /**
     * The directory stays the manager's: in one of its own a service could put a link where the file is to be. A file
     * that was another user's is that user's to write to for as long as they have it open, so there is a new one.
     */
    private int file(Definition definition) throws IOException {
        Path directory = logs.resolve(definition.name().toString());
        int owner = ScriptCommand.userOf(definition);
        int fd = LogFiles.open(directory);
        try {
            int before = Fd.fstat(fd).uid();
            if (before != owner && before != Self.euid() && Fd.fstat(fd).isRegular()) {
                LogFiles.begin(directory, definition.log().keep());
                Fd.close(fd);
                fd = -1;
                fd = LogFiles.open(directory);
            }
            Stat stat = Fd.fstat(fd);
            if (!stat.isRegular()) {
                throw new IOException("log: the file of " + definition.name() + " is not a regular file");
            }
            if (stat.uid() != owner) {
                Fd.fchown(fd, owner, -1);
            }
            Fd.setNonBlocking(fd, false);
            return fd;
        } catch (IOException e) {
            if (fd >= 0) {
                Fd.close(fd);
            }
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
