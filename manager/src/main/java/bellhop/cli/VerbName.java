package bellhop.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The verbs of {@code bh}, and what must be known of them before their words are understood: by the client, which only
 * carries them, and by the manager, which reads no file for anybody. Without lambdas, which would cost each client more
 * than all else here.
 */
public enum VerbName {
    RUN(true, Files.NONE),
    START(Drawn.ON_TERMINAL),
    STOP(true, Files.NONE),
    STOPALL(true, Files.NONE),
    UPGRADE(true, Files.NONE),
    RESTART(Drawn.ON_TERMINAL),
    STATUS(Drawn.ON_TERMINAL),
    TOP(Drawn.ALWAYS),
    WHY(Drawn.ALWAYS),
    TREE(Drawn.ALWAYS),
    LIST(true, Files.NONE),
    RELOAD(true, Files.NONE),
    SIGNAL(true, Files.NONE),
    WAIT(true, Files.NONE),
    ENABLE(false, Files.NONE),
    DISABLE(false, Files.NONE),
    MASK(false, Files.NONE),
    UNMASK(false, Files.NONE),
    CHECK(false, Files.IN_ALL_WORDS),
    IMPORT(false, Files.ALWAYS),
    SHOW(false, Files.IN_OPTIONS),
    NEW(false, Files.ALWAYS),
    EDIT(false, Files.ALWAYS),
    REQUIRE(Drawn.ON_TERMINAL),
    RELEASE(true, Files.NONE),
    LOGS(Drawn.AS_ASKED),
    EVENTS(Drawn.ALWAYS),
    SLOW(Drawn.ALWAYS),
    PLUGINS(true, Files.NONE),
    TRIGGERS(true, Files.NONE);

    /** Where among the words of a verb files can be named. */
    private enum Files {
        NONE,
        IN_OPTIONS,
        IN_ALL_WORDS,
        /** It is about files, also where none is named. */
        ALWAYS
    }

    /** Whether the client gets facts, of which it draws its output. */
    public enum Drawn {
        NEVER,
        /** If its output is a terminal; else the manager says what is printed. */
        ON_TERMINAL,
        /** If the manager, which alone understands the options, answers with facts. */
        AS_ASKED,
        ALWAYS
    }

    private final boolean needsManager;
    private final Files files;
    private final Drawn drawn;

    VerbName(boolean needsManager, Files files) {
        this(needsManager, files, Drawn.NEVER);
    }

    VerbName(Drawn drawn) {
        this(true, Files.NONE, drawn);
    }

    VerbName(boolean needsManager, Files files, Drawn drawn) {
        this.needsManager = needsManager;
        this.files = files;
        this.drawn = drawn;
    }

    /** The verb that words begin with. */
    public static Optional<VerbName> of(List<String> words) {
        for (VerbName verb : values()) {
            if (!words.isEmpty() && verb.word().equals(words.getFirst())) {
                return Optional.of(verb);
            }
        }
        return Optional.empty();
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public Drawn drawn() {
        return drawn;
    }

    /** Whether there must be a manager; any other verb is carried out by the client if none runs. */
    public boolean needsManager() {
        return needsManager;
    }

    /**
     * Whether these words name files or directories. No request to a manager does: they are read with the rights, and in
     * the directory, of who asks.
     */
    public boolean namesFiles(List<String> words) {
        if (files == Files.ALWAYS) {
            return true;
        }
        for (String word : words) {
            boolean isOption = word.startsWith("--services") || word.startsWith("--plugins");
            if ((isOption && files != Files.NONE) || (isPath(word) && files == Files.IN_ALL_WORDS)) {
                return true;
            }
        }
        return false;
    }

    /** Whether an operand is a path, and not the name of a service. */
    static boolean isPath(String word) {
        return word.contains("/") || word.equals(".") || word.equals("..");
    }
}
