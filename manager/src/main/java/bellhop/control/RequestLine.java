package bellhop.control;

import bellhop.definition.Quote;
import java.util.ArrayList;
import java.util.List;

/**
 * A request as one line: a JSON array of strings, or plain words with blanks between them. A line is
 * JSON if its first character that is not blank is {@code [}.
 */
public final class RequestLine {

    /** How many words a request may have: each costs the parser of the command line much more than the wire. */
    static final int MOST_WORDS = 2_000;

    private final String text;
    private int at;

    private RequestLine(String text) {
        this.text = text;
    }

    /**
     * Reads the words of a line without its newline.
     *
     * @throws MalformedRequestException if it begins as JSON and is not an array of strings, has a NUL in it, which no
     *     word of a command line can have, or more than {@value #MOST_WORDS} words
     */
    public static List<String> parse(String line) throws MalformedRequestException {
        List<String> words = new RequestLine(line).words();
        if (words.size() > MOST_WORDS) {
            throw new MalformedRequestException(words.size() + " words, expected at most " + MOST_WORDS);
        }
        return words;
    }

    /** Writes words as JSON on one line, without a newline. */
    public static String format(List<String> words) {
        StringBuilder line = new StringBuilder("[");
        for (String word : words) {
            if (line.length() > 1) {
                line.append(',');
            }
            line.append('"');
            for (int i = 0; i < word.length(); i += Character.charCount(word.codePointAt(i))) {
                appendEscaped(line, word.codePointAt(i));
            }
            line.append('"');
        }
        return line.append(']').toString();
    }

    /** Escapes characters that could control a terminal, wherever this line is shown. */
    private static void appendEscaped(StringBuilder line, int c) {
        if (c == '"' || c == '\\') {
            line.append('\\');
        }
        if (Quote.isHarmless(c) && Character.getType(c) != Character.SURROGATE) {
            line.appendCodePoint(c);
        } else {
            for (char half : Character.toChars(c)) {
                String digits = Integer.toHexString(half);
                line.append("\\u").repeat('0', 4 - digits.length()).append(digits);
            }
        }
    }

    private List<String> words() throws MalformedRequestException {
        skipBlanks();
        return at < text.length() && text.charAt(at) == '[' ? array() : plain();
    }

    private List<String> plain() throws MalformedRequestException {
        List<String> words = new ArrayList<>();
        while (at < text.length()) {
            int start = at;
            while (at < text.length() && !isBlank(text.charAt(at))) {
                if (text.charAt(at) == '\0') {
                    throw new MalformedRequestException("a NUL", at);
                }
                at++;
            }
            words.add(text.substring(start, at));
            skipBlanks();
        }
        return words;
    }

    private List<String> array() throws MalformedRequestException {
        List<String> words = new ArrayList<>();
        at++;
        skipBlanks();
        if (next("a string or ]") == ']') {
            at++;
        } else {
            words.add(string());
            while (next(", or ]") == ',') {
                at++;
                skipBlanks();
                words.add(string());
            }
            expect(']', ", or ]");
        }
        skipBlanks();
        if (at < text.length()) {
            throw new MalformedRequestException("unexpected text after the array", at);
        }
        return words;
    }

    private String string() throws MalformedRequestException {
        expect('"', "a string");
        StringBuilder word = new StringBuilder();
        for (char c = next("\""); c != '"'; c = next("\"")) {
            if (c < ' ') {
                throw new MalformedRequestException("a control character", at);
            }
            at++;
            word.append(c == '\\' ? escaped() : c);
        }
        at++;
        skipBlanks();
        return word.toString();
    }

    private char escaped() throws MalformedRequestException {
        char c = next("an escape");
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hexadecimal();
            default -> throw new MalformedRequestException("unknown escape", at - 1);
        };
    }

    private char hexadecimal() throws MalformedRequestException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            char c = next("four hexadecimal digits");
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw new MalformedRequestException("expected four hexadecimal digits", at);
            }
            value = value << 4 | digit;
            at++;
        }
        if (value == 0) {
            throw new MalformedRequestException("a NUL", at - 4);
        }
        return (char) value;
    }

    private void expect(char wanted, String what) throws MalformedRequestException {
        if (next(what) != wanted) {
            throw new MalformedRequestException("expected " + what, at);
        }
        at++;
    }

    private char next(String expected) throws MalformedRequestException {
        if (at == text.length()) {
            throw new MalformedRequestException("expected " + expected, at);
        }
        return text.charAt(at);
    }

    private void skipBlanks() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }
}
