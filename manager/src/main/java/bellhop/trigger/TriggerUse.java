package bellhop.trigger;

import bellhop.definition.Quote;
import bellhop.definition.Value;
import bellhop.yaml.Problem;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One service's use of one plugin.
 *
 * @param service the template, {@code getty}
 * @param plugin the plugin's name, the key under {@code triggers:}
 * @param file the {@code service.yaml} that says so
 * @param settings what it says under that key
 */
public record TriggerUse(String service, String plugin, Path file, Value settings) {

    /** The problem at a position in the file. */
    Problem problem(Value.Position position, String what) {
        return new Problem(
                Optional.of(position.override().orElse(file)),
                position.line(),
                position.column(),
                "triggers",
                Quote.onOneLine(plugin) + ": " + what);
    }
}
