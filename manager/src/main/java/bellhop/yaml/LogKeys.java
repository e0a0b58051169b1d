package bellhop.yaml;

import bellhop.definition.LogSettings;
import java.time.Duration;
import java.util.Map;

/** The keys of {@code log}. */
final class LogKeys {
    /** What is written at once: a smaller file could not keep to its size. */
    private static final long LEAST_LOG = 64 * 1024;

    private static final KeyList KEYS = new KeyList();

    private static final YamlKey<LogSettings.To> TO = KEYS.add(
            YamlKey.of(
                    "to",
                    Syntax.WordSyntax.of(
                            Map.of(),
                            "file",
                            LogSettings.To.FILE,
                            "console",
                            LogSettings.To.CONSOLE,
                            "none",
                            LogSettings.To.NONE),
                    Default.of(LogSettings.To.FILE),
                    "The destination: a file of the service in the log directory, the console (the manager's standard output), or none."));

    private static final YamlKey<Long> MAX_SIZE = KEYS.add(YamlKey.of(
            "max_size",
            Scalars.size(LEAST_LOG),
            Default.of(1L << 20),
            "The size at which the file is rotated, at least 64KiB; units are powers of 1024."));

    private static final YamlKey<Duration> MAX_AGE = KEYS.add(YamlKey.of(
            "max_age",
            Scalars.duration(Duration.ofSeconds(1)),
            Default.says("rotated by size alone"),
            "The age of its first line at which the file is rotated, whatever its size, when the next line is written."
                    + " Nothing is removed because of its age."));

    private static final YamlKey<Integer> KEEP = KEYS.add(
            YamlKey.of("keep", Scalars.whole("a number", 0, 1000), Default.of(5), "How many older files are kept."));

    private static final YamlKey<Boolean> TIMESTAMPS = KEYS.add(
            YamlKey.of("timestamps", new Syntax.Flag(), Default.of(true), "true: each line begins with its time."));

    private static final YamlKey<LogSettings.WhenFull> FULL = KEYS.add(YamlKey.of(
            "full",
            Syntax.WordSyntax.of("drop", LogSettings.WhenFull.DROP, "block", LogSettings.WhenFull.BLOCK),
            Default.of(LogSettings.WhenFull.DROP),
            "What happens if the file cannot be written, for example because the disk is full."
                    + " drop: the service waits for 10 s if it writes much, then lines are dropped; the log says how many,"
                    + " as does the manager's own log, which no service can write to."
                    + " block: nothing is lost, and the service waits if it writes much."));

    private static final YamlKey<Boolean> DIRECT = KEYS.add(YamlKey.of(
            "direct",
            new Syntax.Flag(),
            Default.of(false),
            "true: the service appends to the file itself, without rotation and time stamps."));

    static final Syntax.MapSyntax<LogSettings> FORM =
            new Syntax.MapSyntax<>(KEYS, LogKeys::wrong, LogKeys::log, JsonSchema.of());

    private LogKeys() {}

    private static String wrong(Values values) {
        if (!values.get(DIRECT)) {
            return "";
        }
        if (values.get(TO) != LogSettings.To.FILE) {
            return "direct needs to: file";
        }
        return values.has(MAX_SIZE)
                        || values.has(MAX_AGE)
                        || values.has(KEEP)
                        || values.has(FULL)
                        || values.given(TIMESTAMPS).orElse(false)
                ? "direct excludes max_size, max_age, keep, timestamps and full: the manager does not write this file"
                : "";
    }

    private static LogSettings log(Values values) {
        boolean direct = values.get(DIRECT);
        return new LogSettings(
                values.get(TO),
                values.get(MAX_SIZE),
                values.get(KEEP),
                values.get(TIMESTAMPS) && !direct,
                direct,
                values.given(MAX_AGE),
                values.given(FULL).filter(LogSettings.WhenFull.BLOCK::equals));
    }
}
