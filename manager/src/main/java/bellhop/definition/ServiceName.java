package bellhop.definition;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a service: {@code sshd}, or an instance of a template, {@code getty@ttyS0}. A value of
 * this type is safe as one element of a path.
 *
 * @param template what comes before the first {@code @}: a letter or digit, then letters, digits and
 *     {@code . _ + -}, at most 64 characters
 * @param target what comes after it, if anything does: at most 128 bytes of UTF-8 without {@code /},
 *     white space and control characters, not {@code .} or {@code ..}, not beginning with {@code -}
 */
public record ServiceName(String template, Optional<String> target) implements Comparable<ServiceName> {

    private static final Pattern TEMPLATE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,63}");
    private static final int MAX_TARGET_BYTES = 128;

    /** A service's directory in the run dir stands beside these. */
    private static final Set<String> TAKEN = Set.of("control", "control.sock", "alive", "reply", "lock");

    /**
     * Puts a name together from parts that are known to be right.
     *
     * @throws IllegalArgumentException if they are not; what comes from outside goes through {@link #parse}
     */
    public ServiceName {
        String wrong = whatIsWrong(template, target);
        if (wrong != null) {
            throw new IllegalArgumentException(new InvalidNameException(template, wrong).getMessage());
        }
    }

    /**
     * Reads a name as users write it.
     *
     * @throws InvalidNameException if it is not a name; its message says which name and why
     */
    public static ServiceName parse(String text) throws InvalidNameException {
        int at = text.indexOf('@');
        String template = at < 0 ? text : text.substring(0, at);
        Optional<String> target = at < 0 ? Optional.empty() : Optional.of(text.substring(at + 1));
        String wrong = text.isEmpty() ? "it is empty" : whatIsWrong(template, target);
        if (wrong != null) {
            throw new InvalidNameException(text, wrong);
        }
        return new ServiceName(template, target);
    }

    private static @Nullable String whatIsWrong(String template, Optional<String> target) {
        if (!TEMPLATE.matcher(template).matches()) {
            return "expected a letter or digit, then letters, digits and . _ + -, at most 64 characters"
                    + (target.isPresent() ? ", before the @" : "");
        }
        if (target.isPresent()) {
            return whatIsWrongWithTarget(target.get());
        }
        return TAKEN.contains(template) ? "the run dir has a file of that name" : null;
    }

    private static @Nullable String whatIsWrongWithTarget(String target) {
        if (target.isEmpty()) {
            return "nothing follows the @";
        }
        if (target.equals(".") || target.equals("..")) {
            return "a target must not be . or ..";
        }
        if (target.startsWith("-")) {
            return "a target must not begin with -";
        }
        if (target.codePoints().anyMatch(c -> c == 0xFFFD || Character.getType(c) == Character.SURROGATE)) {
            return "a target is UTF-8";
        }
        if (target.codePoints().anyMatch(ServiceName::isForbiddenInTarget)) {
            return "a target must not contain /, white space or control characters";
        }
        if (target.getBytes(StandardCharsets.UTF_8).length > MAX_TARGET_BYTES) {
            return "a target has at most " + MAX_TARGET_BYTES + " bytes";
        }
        return null;
    }

    private static boolean isForbiddenInTarget(int codePoint) {
        return codePoint == '/'
                || Character.isWhitespace(codePoint)
                || Character.isSpaceChar(codePoint)
                || Character.isISOControl(codePoint);
    }

    /** The instance with this target; empty if this has a target already, or that text cannot be one. */
    public Optional<ServiceName> instance(String newTarget) {
        return target.isEmpty() && whatIsWrongWithTarget(newTarget) == null
                ? Optional.of(new ServiceName(template, Optional.of(newTarget)))
                : Optional.empty();
    }

    /** What the scripts get as {@code $1}: the target, or the name where there is none. */
    public String argument() {
        return target.orElse(template);
    }

    // Names are keys wherever something is looked up. Those that a record makes itself take a chain of method handles.

    @Override
    public boolean equals(Object other) {
        return other instanceof ServiceName name && template.equals(name.template) && target.equals(name.target);
    }

    @Override
    public int hashCode() {
        return 31 * template.hashCode() + target.hashCode();
    }

    @Override
    public int compareTo(ServiceName other) {
        return toString().compareTo(other.toString());
    }

    /** The name as users write it. */
    @Override
    public String toString() {
        return target.isPresent() ? template + "@" + target.get() : template;
    }
}
