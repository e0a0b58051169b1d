package bellhop.spi;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern for names, as a shell has it: {@code *} is any text, {@code ?} any one character, {@code [a-f0]} one of
 * these, {@code [!a-f0]} one that is none of these. A backslash makes the next character mean itself. All of a name
 * has to match. Immutable.
 *
 * @since 0.1
 */
public final class Glob {
    private final String text;
    private final Pattern pattern;

    private Glob(String text, Pattern pattern) {
        this.text = text;
        this.pattern = pattern;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException if it is none; the message says why, without the pattern
     */
    public static Glob of(String text) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                case '[' -> {
                    // A "]" right at the beginning is one of the characters.
                    int begin = text.startsWith("!", i + 1) ? i + 2 : i + 1;
                    int end = text.indexOf(']', begin + 1);
                    if (end < 0) {
                        throw new IllegalArgumentException("its [ has no ]");
                    }
                    regex.append(begin == i + 2 ? "[^" : "[");
                    regex.append(text.substring(begin, end).replaceAll("[\\[\\]\\\\^&]", "\\\\$0"));
                    regex.append(']');
                    i = end;
                }
                case '\\' -> {
                    if (++i == text.length()) {
                        throw new IllegalArgumentException("nothing follows its last \\");
                    }
                    regex.append(Pattern.quote(text.substring(i, i + 1)));
                }
                default -> regex.append(Pattern.quote(text.substring(i, i + 1)));
            }
        }
        try {
            return new Glob(text, Pattern.compile(regex.toString(), Pattern.DOTALL));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("its [] is not a range of characters", e);
        }
    }

    /** Whether the whole name matches. */
    public boolean matches(String name) {
        return pattern.matcher(name).matches();
    }

    /** Whether one of the patterns matches the whole name; false where there are none. */
    public static boolean anyMatches(Collection<Glob> globs, String name) {
        return globs.stream().anyMatch(glob -> glob.matches(name));
    }

    /** The pattern as it was written. */
    @Override
    public String toString() {
        return text;
    }
}
