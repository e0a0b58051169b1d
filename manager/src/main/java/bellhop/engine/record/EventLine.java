package bellhop.engine.record;

import java.util.Optional;

/**
 * One event, as a line: fields with tabs between them, in which tabs, newlines and backslashes are written {@code \t},
 * {@code \n} and {@code \\}, so that no text of a user can begin a field or a line. A later version may add fields.
 *
 * @param millis when, milliseconds since 1970-01-01 00:00 UTC
 * @param service which one; empty if it is the manager's own
 * @param incarnation the number of its life, 0 if there is none
 * @param word what it is now; of the manager {@code started}, {@code adopting}, {@code stopping}, {@code upgrading}
 * @param detail what happened last, if there is something to say
 * @param cause why, a phrase
 * @param who who asked for it, or for what led to it at once; empty if nobody did
 * @param words what was asked
 * @param requires what it waits for before it runs anything, names with spaces between them
 */
public record EventLine(
        long millis,
        String service,
        long incarnation,
        String word,
        String detail,
        String cause,
        String who,
        String words,
        String requires) {

    private static final int FIELDS = 9;
    /** The most characters of a text that others have written. */
    private static final int LONGEST_TEXT = 300;

    private static final int LONGEST_LIST = 4_000;

    /** An event of the manager itself. */
    public static EventLine ofManager(String word, String detail, String who, String words) {
        return new EventLine(System.currentTimeMillis(), "", 0, word, detail, "", who, words, "");
    }

    void appendTo(StringBuilder text) {
        text.append(millis).append('\t').append(service).append('\t').append(incarnation);
        text.append('\t').append(word).append('\t');
        append(detail, text, LONGEST_TEXT);
        append(cause, text.append('\t'), LONGEST_TEXT);
        append(who, text.append('\t'), LONGEST_TEXT);
        append(words, text.append('\t'), LONGEST_TEXT);
        append(requires, text.append('\t'), LONGEST_LIST);
    }

    private static void append(String field, StringBuilder text, int most) {
        String cut = field.length() <= most ? field : field.substring(0, most) + "…";
        if (cut.indexOf('\\') < 0 && cut.indexOf('\t') < 0 && cut.indexOf('\n') < 0) {
            text.append(cut);
            return;
        }
        for (int i = 0; i < cut.length(); i++) {
            char c = cut.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\t' -> text.append("\\t");
                case '\n' -> text.append("\\n");
                default -> text.append(c);
            }
        }
    }

    /** Reads one; empty if the text is none, or only a part of one. */
    public static Optional<EventLine> parse(String line) {
        String[] fields = line.split("\t", -1);
        if (fields.length < FIELDS) {
            return Optional.empty();
        }
        try {
            return Optional.of(new EventLine(
                    Long.parseLong(fields[0]),
                    fields[1],
                    Long.parseLong(fields[2]),
                    fields[3],
                    read(fields[4]),
                    read(fields[5]),
                    read(fields[6]),
                    read(fields[7]),
                    fields[8]));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static String read(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\' && i + 1 < field.length()) {
                char next = field.charAt(++i);
                text.append(next == 't' ? '\t' : next == 'n' ? '\n' : next);
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
