package bellhop.convert;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Splits values of units into words, with quotes and escapes as systemd.syntax(7) has them. */
final class UnitWords {
    private static final String SIMPLE = "abfnrtv\\\"'s";
    private static final byte[] SIMPLE_VALUES = {7, 8, 12, 10, 13, 9, 11, '\\', '"', '\'', ' '};

    private final String text;
    private int at;

    private UnitWords(String text) {
        this.text = text;
    }

    /** The words of a value. A quote that is not closed ends with the value. */
    static List<String> split(String text) {
        return new UnitWords(text).commands(false).getFirst();
    }

    /** The commands of a value, which a semicolon between blanks separates. */
    static List<List<String>> commands(String text) {
        return new UnitWords(text).commands(true);
    }

    /** Whether all quotes are closed. */
    static boolean isWhole(String text) {
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            }
        }
        return quote == 0;
    }

    private List<List<String>> commands(boolean separated) {
        List<List<String>> commands = new ArrayList<>();
        List<String> words = new ArrayList<>();
        while (true) {
            while (at < text.length() && isBlank(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                commands.add(words);
                return commands;
            }
            if (separated && standsAlone(";")) {
                commands.add(words);
                words = new ArrayList<>();
                at++;
            } else if (separated && standsAlone("\\;")) {
                words.add(";");
                at += 2;
            } else {
                words.add(word());
            }
        }
    }

    private boolean standsAlone(String word) {
        int end = at + word.length();
        return text.startsWith(word, at) && (end == text.length() || isBlank(text.charAt(end)));
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private String word() {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        char quote = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (quote == 0 && isBlank(c)) {
                break;
            }
            if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                at++;
            } else if (quote != 0 && c == quote) {
                quote = 0;
                at++;
            } else if (c == '\\' && at + 1 < text.length()) {
                escape(word);
            } else {
                int codePoint = text.codePointAt(at);
                word.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
                at += Character.charCount(codePoint);
            }
        }
        return word.toString(StandardCharsets.UTF_8);
    }

    /** An escape that is none stands for itself. */
    private void escape(ByteArrayOutputStream word) {
        char next = text.charAt(at + 1);
        int simple = SIMPLE.indexOf(next);
        if (simple >= 0) {
            word.write(SIMPLE_VALUES[simple]);
            at += 2;
        } else if (!coded(word, next)) {
            word.write('\\');
            at++;
        }
    }

    private boolean coded(ByteArrayOutputStream word, char kind) {
        int digits = switch (kind) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 3;
        };
        int start = "xuU".indexOf(kind) >= 0 ? at + 2 : at + 1;
        if (start + digits > text.length()) {
            return false;
        }
        String number = text.substring(start, start + digits);
        boolean octal = start == at + 1;
        if (!number.matches(octal ? "[0-3][0-7]{2}" : "[0-9a-fA-F]+")) {
            return false;
        }
        int value = Integer.parseUnsignedInt(number, octal ? 8 : 16);
        if (value == 0 || (digits > 3 && !Character.isValidCodePoint(value))) {
            return false;
        }
        if (digits > 3) {
            word.writeBytes(Character.toString(value).getBytes(StandardCharsets.UTF_8));
        } else {
            word.write(value);
        }
        at = start + digits;
        return true;
    }
}
