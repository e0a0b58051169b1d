package bellhop.manager;

import bellhop.definition.Quote;
import bellhop.engine.Engine;
import bellhop.engine.Origin;
import bellhop.linux.Exec;
import bellhop.linux.KeptVariables;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Spawn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How this manager is replaced by the program on disk, in the same process and under its services.
 *
 * <p>First that program runs as a child that looks at everything it will need, the records among it, and says how it was
 * executed. If that goes well, the loop of this one ends, its clients are told, what was written is moved to the logs,
 * and the same is executed in this one's place: the Java program itself, for the shell that starts it would wait for the
 * children of this process and take their exit statuses. It adopts the services as after a crash, and is still the
 * parent of their processes.
 */
public final class Upgrade {

    /** The option of {@code bh run} that makes it a trial. */
    public static final String TRIAL = "--trial";

    /** What a JVM needs on a slow machine, many times over. */
    private static final Duration LONGEST_TRIAL = Duration.ofSeconds(60);

    private static final int LONGEST_LINE = 256;

    /** Of whoever asks, as the kernel knows it: also one that was moved or removed. */
    private static final Path WORKING_DIRECTORY = Path.of("/proc/self/cwd");

    private final Engine engine;
    private final Journal journal;
    private final Path program;
    private final int words;
    private final boolean failedBefore;
    private boolean trying;
    private boolean due;
    private List<String> successor = List.of();
    private Origin origin = Origin.NONE;

    /**
     * None under way.
     *
     * @param program the program to become, {@code bin/bh}
     * @param words how many words of this process's command line are those of {@code run}
     * @param failedBefore whether this manager was to be replaced and could not be
     */
    Upgrade(Engine engine, Journal journal, Path program, int words, boolean failedBefore) {
        this.engine = engine;
        this.journal = journal;
        this.program = program;
        this.words = words;
        this.failedBefore = failedBefore;
    }

    /** Whether the loop has ended so that the program can be executed. */
    boolean isDue() {
        return due;
    }

    /** Who asked for it. */
    Origin origin() {
        return origin;
    }

    /** Whether the last attempt led to nothing, and this manager is the old one. */
    public boolean hasFailedBefore() {
        return failedBefore;
    }

    /**
     * Begins; on the loop's thread.
     *
     * @param from who asks for it
     * @param mayEnd why the manager cannot be replaced now, if so; asked again after the trial
     * @param refused is told why it goes on instead, one line; otherwise the loop ends
     */
    public void begin(Origin from, Supplier<Optional<String>> mayEnd, Consumer<String> refused) {
        Optional<String> why = trying ? Optional.of("another upgrade is under way") : mayNot(mayEnd);
        if (why.isPresent()) {
            refused.accept(why.get());
            return;
        }
        trying = true;
        origin = from;
        try {
            List<String> environment = KeptVariables.restored(Proc.ownEnvironment());
            Spawn.Command trial = new Spawn.Command(trial(), environment, WORKING_DIRECTORY, 1, 2);
            engine.tryOut(trial, LONGEST_TRIAL, outcome -> {
                trying = false;
                end(outcome, mayEnd, refused);
            });
        } catch (PosixException e) {
            trying = false;
            refused.accept(String.valueOf(e.getMessage()));
        }
    }

    private void end(Engine.Trial trial, Supplier<Optional<String>> mayEnd, Consumer<String> refused) {
        successor = trial.well() ? successor(trial.output()) : List.of();
        Optional<String> problem = trial.well() && !successor.isEmpty()
                ? mayNot(mayEnd)
                : Optional.of("the trial run of " + program + " " + trial.end() + firstLine(trial.output()));
        if (problem.isPresent()) {
            journal.warn("upgrade: " + problem.get() + "; this manager goes on");
            refused.accept(problem.get() + "; the running manager goes on");
        } else {
            journal.say("upgrade: the trial run succeeded, " + program + " takes over");
            due = true;
            engine.stop();
        }
    }

    private Optional<String> mayNot(Supplier<Optional<String>> mayEnd) {
        return mayEnd.get().or(engine::unsaved);
    }

    private static String firstLine(String output) {
        return output.lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .map(line -> ": " + Quote.onOneLine(line.substring(0, Math.min(line.length(), LONGEST_LINE))))
                .orElse("");
    }

    /** As this process was started, byte by byte. */
    private List<String> trial() throws PosixException {
        List<String> own = Proc.ownCommandLine();
        List<String> command = new ArrayList<>(List.of(program.toString(), "run", TRIAL));
        command.addAll(own.subList(own.size() - words, own.size()));
        return command;
    }

    /** What a trial says at its end: its own command line. */
    static String ofTrial() throws PosixException {
        return Base64.getEncoder().encodeToString(Proc.ownCommandLineAsBytes());
    }

    /** The command line of what a trial tried; empty if it did not say. */
    private static List<String> successor(String output) {
        try {
            List<String> lines = output.lines().toList();
            List<String> command = new ArrayList<>(
                    Proc.commandLine(Base64.getDecoder().decode(lines.isEmpty() ? "" : lines.getLast())));
            return command.remove(TRIAL) ? List.copyOf(command) : List.of();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /** Becomes the program; returns only if that fails, with the reason. */
    String execute() {
        try {
            return String.valueOf(Exec.replace(successor, Proc.ownEnvironment()).getMessage());
        } catch (PosixException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
