package bellhop.definition;

/**
 * Names as a shell would write them: {@code *} stands for any text, {@code ?} for one character, {@code [a-z]} for one of
 * these and {@code [!a-z]} for one of the others. A {@code [} that nothing closes stands for itself.
 */
public record NamePattern(String text) {

    /** Whether a text is more than one name. */
    public static boolean isPattern(String text) {
        return text.indexOf('*') >= 0 || text.indexOf('?') >= 0 || text.indexOf('[') >= 0;
    }

    /** Whether this stands for that name. */
    public boolean matches(String name) {
        int at = 0;
        int in = 0;
        int star = -1;
        int retry = 0;
        while (in < name.length()) {
            int next = at < text.length() && text.charAt(at) != '*' ? after(at, name.charAt(in)) : -1;
            if (next >= 0) {
                at = next;
                in++;
            } else if (at < text.length() && text.charAt(at) == '*') {
                star = ++at;
                retry = in;
            } else if (star >= 0) { // the last star stands for one more character
                at = star;
                in = ++retry;
            } else {
                return false;
            }
        }
        while (at < text.length() && text.charAt(at) == '*') {
            at++;
        }
        return at == text.length();
    }

    /** Where the pattern goes on once what is there stands for this character; -1 if it does not. */
    private int after(int at, char c) {
        char here = text.charAt(at);
        int end = here == '[' ? text.indexOf(']', at + (isNegated(at) ? 3 : 2)) : -1;
        if (end >= 0) {
            return isAmong(at, end, c) ? end + 1 : -1;
        }
        return here == '?' || here == c ? at + 1 : -1;
    }

    private boolean isNegated(int bracket) {
        return text.startsWith("!", bracket + 1) || text.startsWith("^", bracket + 1);
    }

    private boolean isAmong(int bracket, int end, char c) {
        boolean found = false;
        for (int i = bracket + (isNegated(bracket) ? 2 : 1); i < end; i++) {
            boolean isRange = i + 2 < end && text.charAt(i + 1) == '-';
            char last = text.charAt(isRange ? i + 2 : i);
            found |= text.charAt(i) <= c && c <= last;
            i += isRange ? 2 : 0;
        }
        return found != isNegated(bracket);
    }
}
