package bellhop.program;

import bellhop.cli.LocalCommands;
import bellhop.cli.VerbName;
import bellhop.control.RequestLine;
import bellhop.control.RunDir;
import bellhop.control.TerminalOutput;
import bellhop.linux.FileErrors;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The program {@code bh}: carries the words of its command line to the manager, and the answer back.
 * What the words mean is known there. Only what needs no manager, or where none is running asks for
 * help, is done here.
 */
public final class Bh {

    private static final int USAGE = 64;
    private static final int NO_MANAGER = 69;
    private static final List<String> UPGRADE = List.of("upgrade");
    private static final List<String> OUTCOME = List.of("upgrade", "--outcome");
    private static final Duration LONGEST_REPLACEMENT = Duration.ofSeconds(60);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private final Map<String, String> environment;
    private final OutputStream out;
    private final PrintStream err;

    Bh(Map<String, String> environment, OutputStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    /** Has one command carried out and exits with its status. */
    public static void main(String[] arguments) {
        OutputStream out = TerminalOutput.of(new FileOutputStream(FileDescriptor.out), 1);
        Bh bh = new Bh(System.getenv(), out, System.err);
        System.exit(bh.run(List.of(arguments)));
    }

    int run(List<String> arguments) {
        String verb = arguments.isEmpty() ? "" : arguments.get(0);
        List<String> others = arguments.subList(Math.min(1, arguments.size()), arguments.size());
        return switch (verb) {
            case "run" -> LocalCommands.local(arguments);
            case "escort" -> Escort.run(others, System.out, err);
            case "connect" -> Connect.run(others, System.out, err);
            case "semaphore" -> Semaphore.run(others, System.out, err);
            case "state" -> StateFile.run(others, System.out, err);
            default -> ask(arguments);
        };
    }

    private int ask(List<String> arguments) {
        List<String> words = new ArrayList<>();
        String rundir = null;
        boolean options = true;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            options &= !argument.equals("--");
            if (options && argument.equals("--rundir")) {
                if (++i == arguments.size()) {
                    err.println("bh: --rundir: DIR is missing");
                    return USAGE;
                }
                rundir = arguments.get(i);
            } else if (options && argument.startsWith("--rundir=")) {
                rundir = argument.substring("--rundir=".length());
            } else {
                words.add(argument);
            }
        }
        Optional<VerbName> verb = VerbName.of(words);
        if (verb.isPresent() && verb.get().namesFiles(words)) {
            return LocalCommands.local(words);
        }
        try {
            return ask(rundir, words);
        } catch (IOException e) {
            err.println("bh: " + FileErrors.withFile(e));
            return NO_MANAGER;
        }
    }

    private int ask(@Nullable String rundir, List<String> words) throws IOException {
        int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        RunDir runDir = RunDir.find(rundir, environment, uid);
        String socket = runDir.socket().toString();
        try (SocketChannel channel = UnixSocket.connect(socket)) {
            OptionalInt status = converse(channel, words, runDir);
            if (status.isEmpty() && words.equals(UPGRADE)) {
                return askSuccessor(runDir);
            }
            return status.orElseGet(this::wasLeft);
        } catch (UnixSocket.NobodyListensException e) {
            if (needsNoManager(words)) {
                return LocalCommands.local(words);
            }
            err.println("bh: no manager is running (nothing answers at " + socket + "); start one with: bh run");
            return NO_MANAGER;
        }
    }

    /** The manager that was to be replaced has gone: the one that comes to its socket next says what has become of it. */
    private int askSuccessor(RunDir runDir) throws IOException {
        String socket = runDir.socket().toString();
        // Looks are counted, not time: this may be frozen together with the manager that it waits for.
        for (long looks = LONGEST_REPLACEMENT.dividedBy(BETWEEN_LOOKS); looks > 0; looks--) {
            try (SocketChannel channel = UnixSocket.connect(socket)) {
                OptionalInt status = converse(channel, OUTCOME, runDir);
                if (status.isPresent()) {
                    return status.getAsInt();
                }
            } catch (UnixSocket.NobodyListensException e) {
                // not yet
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
        err.println("bh-upgrade: the manager has gone, and no other answers at " + socket + " after "
                + LONGEST_REPLACEMENT.toSeconds() + " s; see its last output");
        return NO_MANAGER;
    }

    private int wasLeft() {
        err.println("bh: the manager went away before it answered; ask again");
        return NO_MANAGER;
    }

    private static boolean needsNoManager(List<String> words) {
        Optional<VerbName> verb = VerbName.of(words);
        return words.isEmpty()
                || (verb.isPresent() && !verb.get().needsManager())
                || words.get(0).equals("help")
                || words.get(0).equals("--version")
                || words.contains("--help")
                || words.contains("-h");
    }

    /** Whether that manager knows the service whose script asks: for any other, it is anybody. */
    private boolean isOwn(RunDir asked) {
        String own = environment.getOrDefault("BELLHOP_MANAGER", "");
        try {
            return own.isEmpty() || own.equals(asked.path().toString()) || Files.isSameFile(Path.of(own), asked.path());
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    /** Returns the exit status that was answered; nothing if the manager went away before. */
    private OptionalInt converse(SocketChannel channel, List<String> words, RunDir asked) throws IOException {
        List<String> request = new ArrayList<>();
        String service = environment.get("BELLHOP_SERVICE");
        String incarnation = environment.get("BELLHOP_INCARNATION");
        if (service != null && incarnation != null && isOwn(asked)) {
            request.add("--caller=" + service + "#" + incarnation);
        }
        request.addAll(words);
        AnswerReader answer = new AnswerReader(out, err);
        try {
            ByteBuffer line = ByteBuffer.wrap((RequestLine.format(request) + "\n").getBytes(StandardCharsets.UTF_8));
            while (line.hasRemaining()) {
                channel.write(line);
            }
        } catch (IOException e) {
            // It was refused before it was sent: the answer says why.
        }
        ByteBuffer bytes = ByteBuffer.allocate(1 << 14);
        try {
            while (!answer.isComplete() && channel.read(bytes.clear()) >= 0) {
                answer.take(bytes.flip());
            }
        } catch (AnswerReader.UnwritableException e) {
            return OptionalInt.of(e.status(err));
        } catch (IOException e) {
            // the connection was cut: the same as its end
        }
        return answer.isComplete() ? OptionalInt.of(answer.status()) : OptionalInt.empty();
    }
}
