package bellhop.trigger;

import bellhop.definition.InvalidNameException;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.spi.Target;
import bellhop.spi.Trigger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The targets that a plugin reported as present, checked and copied: no object in it is the plugin's.
 *
 * @param targets those that count, by name
 * @param refused a line for each that does not
 */
record PresentTargets(SortedMap<String, Target> targets, List<String> refused) {
    private static final Pattern FACT = Pattern.compile("[A-Z][A-Z0-9_]*");
    private static final int MOST_BYTES = 4096;

    /** Nothing was said yet. */
    static final PresentTargets NONE = new PresentTargets(Collections.emptySortedMap(), List.of());

    /**
     * Looks an answer through; on the plugin's thread, for its code may run here.
     *
     * @throws FaultyAnswerException if none of it can count
     */
    static PresentTargets of(@Nullable Set<Target> given) throws FaultyAnswerException {
        if (given == null) {
            throw new FaultyAnswerException("present() returned null; expected a set");
        }
        SortedMap<String, Target> targets = new TreeMap<>();
        List<String> refused = new ArrayList<>();
        int count = 0;
        for (@Nullable Target target : given) {
            if (target == null) {
                throw new FaultyAnswerException("present() returned a set with null in it");
            }
            // A set may have no end.
            if (++count > Trigger.MAX_TARGETS) {
                throw new FaultyAnswerException(
                        "present() returned too many targets; expected at most " + Trigger.MAX_TARGETS);
            }
            Optional<String> wrong = whatIsWrong(target);
            if (wrong.isPresent()) {
                refused.add(Quote.of(target.name()) + ": " + wrong.get());
            } else if (targets.putIfAbsent(target.name(), target) != null) {
                throw new FaultyAnswerException("present() returned two targets " + Quote.of(target.name()));
            }
        }
        return new PresentTargets(Collections.unmodifiableSortedMap(targets), List.copyOf(refused));
    }

    private static Optional<String> whatIsWrong(Target target) {
        try {
            ServiceName.parse("x@" + target.name());
        } catch (InvalidNameException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        if (bytes(target.identity()) > MOST_BYTES) {
            return Optional.of("its identity has more than " + MOST_BYTES + " bytes");
        }
        int size = 0;
        for (Map.Entry<String, String> fact : target.facts().entrySet()) {
            if (!FACT.matcher(fact.getKey()).matches()) {
                return Optional.of("its fact " + Quote.of(fact.getKey())
                        + " is not named in capital letters, digits and _, beginning with a letter");
            }
            if (fact.getValue().indexOf('\0') >= 0 || fact.getValue().indexOf('\n') >= 0) {
                return Optional.of("its fact " + fact.getKey() + " has a NUL or a newline in it");
            }
            size += bytes(fact.getKey()) + bytes(fact.getValue()) + 1;
        }
        return size > MOST_BYTES ? Optional.of("its facts have more than " + MOST_BYTES + " bytes") : Optional.empty();
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
