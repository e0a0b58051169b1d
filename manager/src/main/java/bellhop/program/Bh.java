package bellhop.program;

import bellhop.cli.LocalCommands;
import bellhop.cli.VerbName;
import bellhop.control.RequestLine;
import bellhop.control.RunDir;
import bellhop.control.TerminalOutput;
import bellhop.linux.FileErrors;
import bellhop.terminal.Asker;
import bellhop.terminal.Drawing;
import bellhop.terminal.Fact;
import bellhop.terminal.Look;
import bellhop.terminal.OwnTerminal;
import bellhop.terminal.Pen;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
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
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The program {@code bh}: carries the words of its command line to the manager, and the answer back.
 * What the words mean is known there. Only what needs no manager, or where none is running asks for
 * help, is done here.
 */
public final class Bh {

    private static final int USAGE = 64;
    private static final int NO_MANAGER = 69;
    private static final String FACTS = "--facts";
    private static final List<String> UPGRADE = List.of("upgrade");
    private static final List<String> OUTCOME = List.of("upgrade", "--outcome");
    private static final Duration LONGEST_REPLACEMENT = Duration.ofSeconds(60);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    /** Takes no facts. Not a lambda, which would cost most requests more than all else here. */
    private static final Consumer<Fact> NOBODY = new Consumer<>() {
        @Override
        public void accept(Fact fact) {
            // only who draws asks for any
        }
    };

    private final Map<String, String> environment;
    private final OutputStream out;
    private final PrintStream err;
    private final Pen pen;

    /**
     * Asks with these variables.
     *
     * @param out takes what the manager says
     * @param pen takes what is drawn here
     */
    Bh(Map<String, String> environment, OutputStream out, PrintStream err, Pen pen) {
        this.environment = environment;
        this.out = out;
        this.err = err;
        this.pen = pen;
    }

    /** Has one command carried out and exits with its status. */
    public static void main(String[] arguments) {
        OutputStream raw = new FileOutputStream(FileDescriptor.out);
        Map<String, String> environment = System.getenv();
        String size = System.getProperty("bellhop.terminal");
        Look look = size == null ? Look.plain() : OwnTerminal.look(environment, size);
        OutputStream out = TerminalOutput.of(raw, 1);
        int status = new Bh(environment, out, System.err, new Pen(raw, System.err, look)).run(List.of(arguments));
        if (arguments.length > 0 && arguments[0].equals("run")) {
            System.exit(status); // a plugin may have shutdown hooks
        }
        ProgramEnd.with(status);
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
            // What comes after the name of a new service may be the options of its command.
            options &=
                    !argument.equals("--") && !(words.size() > 1 && words.get(0).equals("new"));
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
            if (verb.get() == VerbName.EDIT && rundir != null) {
                words.add(1, "--rundir=" + rundir); // in which it sees what runs
            }
            return LocalCommands.local(words);
        }
        try {
            return verb.isPresent() && isDrawn(verb.get()) ? draw(rundir, words) : ask(rundir, words, NOBODY);
        } catch (IOException e) {
            err.println("bh: " + FileErrors.withFile(e));
            return NO_MANAGER;
        } catch (UncheckedIOException e) {
            return new AnswerReader.UnwritableException(Objects.requireNonNull(e.getCause())).status(err);
        }
    }

    private boolean isDrawn(VerbName verb) {
        return switch (verb.drawn()) {
            case NEVER -> false;
            case ON_TERMINAL -> pen.look().terminal();
            case AS_ASKED, ALWAYS -> true;
        };
    }

    private int draw(@Nullable String rundir, List<String> words) throws IOException {
        return new Drawing(new RepeatedAsker(rundir), pen).of(words);
    }

    /** Asks the manager of a run dir. */
    private final class RepeatedAsker implements Asker {
        private final @Nullable String rundir;

        RepeatedAsker(@Nullable String rundir) {
            this.rundir = rundir;
        }

        @Override
        public int ask(List<String> words, Consumer<Fact> facts) throws IOException {
            List<String> withFacts = new ArrayList<>(words);
            withFacts.addFirst(FACTS);
            return Bh.this.ask(rundir, withFacts, facts);
        }

        @Override
        public Said ask(List<String> words) throws IOException {
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            ByteArrayOutputStream complaints = new ByteArrayOutputStream();
            PrintStream errors = new PrintStream(complaints, true, StandardCharsets.UTF_8);
            int status = new Bh(environment, new TerminalOutput(said), errors, pen).ask(rundir, words, NOBODY);
            return new Said(
                    status,
                    said.toString(StandardCharsets.UTF_8).lines().toList(),
                    complaints.toString(StandardCharsets.UTF_8).lines().toList());
        }
    }

    private int ask(@Nullable String rundir, List<String> words, Consumer<Fact> facts) throws IOException {
        int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        RunDir runDir = RunDir.find(rundir, environment, uid);
        String socket = runDir.socket().toString();
        try (SocketChannel channel = UnixSocket.connect(socket)) {
            OptionalInt status = converse(channel, words, runDir, facts);
            if (status.isEmpty() && words.equals(UPGRADE)) {
                return askSuccessor(runDir);
            }
            return status.isPresent() ? status.getAsInt() : wasLeft();
        } catch (UnixSocket.NobodyListensException e) {
            if (needsNoManager(words)) {
                return LocalCommands.local(withoutFacts(words));
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
                OptionalInt status = converse(channel, OUTCOME, runDir, NOBODY);
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

    private static List<String> withoutFacts(List<String> words) {
        return !words.isEmpty() && words.getFirst().equals(FACTS) ? words.subList(1, words.size()) : words;
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
    private OptionalInt converse(SocketChannel channel, List<String> words, RunDir asked, Consumer<Fact> facts)
            throws IOException {
        List<String> request = new ArrayList<>();
        String service = environment.get("BELLHOP_SERVICE");
        String incarnation = environment.get("BELLHOP_INCARNATION");
        if (service != null && incarnation != null && isOwn(asked)) {
            request.add("--caller=" + service + "#" + incarnation);
        }
        request.addAll(words);
        AnswerReader answer = new AnswerReader(out, err, facts);
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
