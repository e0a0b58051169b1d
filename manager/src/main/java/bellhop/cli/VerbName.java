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
    START(true, Files.NONE),
    STOP(true, Files.NONE),
    STOPALL(true, Files.NONE),
    UPGRADE(true, Files.NONE),
    RESTART(true, Files.NONE),
    STATUS(true, Files.NONE),
    LIST(true, Files.NONE),
    RELOAD(true, Files.NONE),
    ENABLE(false, Files.NONE),
    DISABLE(false, Files.NONE),
    CHECK(false, Files.IN_ALL_WORDS),
    SHOW(false, Files.IN_OPTIONS),
    REQUIRE(true, Files.NONE),
    RELEASE(true, Files.NONE),
    LOGS(true, Files.NONE),
    PLUGINS(true, Files.NONE),
    TRIGGERS(true, Files.NONE);

    /** Where among the words of a verb files can be named. */
    private enum Files {
        NONE,
        IN_OPTIONS,
        IN_ALL_WORDS
    }

    private final boolean needsManager;
    private final Files files;

    VerbName(boolean needsManager, Files files) {
        this.needsManager = needsManager;
        this.files = files;
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

    /** Whether there must be a manager; any other verb is carried out by the client if none runs. */
    public boolean needsManager() {
        return needsManager;
    }

    /**
     * Whether these words name files or directories. No request to a manager does: they are read with the rights, and in
     * the directory, of who asks.
     */
    public boolean namesFiles(List<String> words) {
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
