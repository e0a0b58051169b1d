package bellhop.yaml;

import bellhop.definition.Quote;
import bellhop.definition.Value;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One thing that is wrong, with where it stands.
 *
 * @param file the file, or the directory, at fault; empty where there is none
 * @param line from 1; 0 where it concerns the file as a whole
 * @param column from 1, in characters; 0 as for {@code line}
 * @param key the YAML key it is about, with those around it: {@code healthcheck.test}; empty where there is none
 * @param message what is wrong, and what was expected
 */
public record Problem(Optional<Path> file, int line, int column, String key, String message) {

    /** Something about a file as a whole. */
    public static Problem with(Path file, String message) {
        return new Problem(Optional.of(file), 0, 0, "", message);
    }

    /** Something about a place in a file, or in one that overrides it. */
    static Problem at(Path file, Value.Position position, String key, String message) {
        return new Problem(
                Optional.of(position.override().orElse(file)), position.line(), position.column(), key, message);
    }

    /** Something that is no file's fault. */
    public static Problem of(String message) {
        return new Problem(Optional.empty(), 0, 0, "", message);
    }

    /** One line: {@code path:line:column: key: what is wrong; what was expected}. */
    @Override
    public String toString() {
        StringBuilder shown = new StringBuilder();
        file.ifPresent(path -> shown.append(Quote.onOneLine(path)));
        if (line > 0) {
            shown.append(':').append(line).append(':').append(column);
        }
        if (!shown.isEmpty()) {
            shown.append(": ");
        }
        return shown.append(key.isEmpty() ? "" : key + ": ").append(message).toString();
    }
}
