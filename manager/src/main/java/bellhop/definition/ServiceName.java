package bellhop.definition;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

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

    /**
     * Reads a name as users write it.
     *
     * @throws InvalidNameException if it is not a name; its message says which name and why
     */
    public static ServiceName parse(String text) throws InvalidNameException {
        int at = text.indexOf('@');
        String template = at < 0 ? text : text.substring(0, at);
        if (text.isEmpty()) {
            throw new InvalidNameException(text, "it is empty");
        }
        if (!TEMPLATE.matcher(template).matches()) {
            throw new InvalidNameException(
                    text,
                    "expected a letter or digit, then letters, digits and . _ + -, at most 64 characters"
                            + (at < 0 ? "" : ", before the @"));
        }
        if (at < 0) {
            return new ServiceName(template, Optional.empty());
        }
        String target = text.substring(at + 1);
        checkTarget(text, target);
        return new ServiceName(template, Optional.of(target));
    }

    private static void checkTarget(String text, String target) throws InvalidNameException {
        if (target.isEmpty()) {
            throw new InvalidNameException(text, "nothing follows the @");
        }
        if (target.equals(".") || target.equals("..")) {
            throw new InvalidNameException(text, "a target is not . or ..");
        }
        if (target.startsWith("-")) {
            throw new InvalidNameException(text, "a target does not begin with -");
        }
        if (target.codePoints().anyMatch(ServiceName::isForbiddenInTarget)) {
            throw new InvalidNameException(text, "a target has no /, white space or control characters");
        }
        if (target.getBytes(StandardCharsets.UTF_8).length > MAX_TARGET_BYTES) {
            throw new InvalidNameException(text, "a target has at most " + MAX_TARGET_BYTES + " bytes");
        }
    }

    /** U+FFFD stands where the bytes were no UTF-8: such a name would not find its file again. */
    private static boolean isForbiddenInTarget(int codePoint) {
        return codePoint == '/'
                || codePoint == 0xFFFD
                || Character.isWhitespace(codePoint)
                || Character.isSpaceChar(codePoint)
                || Character.isISOControl(codePoint)
                || Character.getType(codePoint) == Character.SURROGATE;
    }

    /** What the scripts get as {@code $1}: the target, or the name where there is none. */
    public String argument() {
        return target.orElse(template);
    }

    @Override
    public int compareTo(ServiceName other) {
        return toString().compareTo(other.toString());
    }

    /** The name as users write it. */
    @Override
    public String toString() {
        return target.map(t -> template + "@" + t).orElse(template);
    }
}
