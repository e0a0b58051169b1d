package bellhop.convert;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A file of sections with keys and values, as supervisord reads it: comments, also after a blank, and indented lines. */
final class IniFile {

    /**
     * A section.
     *
     * @param header where it begins
     * @param keys its keys in small letters; the last of two equal ones counts
     */
    record IniSection(String name, SourceKey header, Map<String, SourceKey> keys) {}

    private IniFile() {}

    /**
     * Reads a file.
     *
     * @param sections what was read before, by name; a key of the file replaces the same one of before
     */
    static void read(Path file, Map<String, IniSection> sections, ImportReport report) throws ImportException {
        IniSection section = null;
        String last = "";
        int number = 0;
        for (String line : SourceText.lines(file)) {
            number++;
            String text = withoutComment(line);
            SourceKey whole = new SourceKey(file.toString(), number, text.strip(), "");
            if (text.isBlank()) {
                continue;
            }
            if (Character.isWhitespace(line.charAt(0)) && section != null && section.keys.containsKey(last)) {
                SourceKey key = section.keys.get(last);
                section.keys.put(
                        last,
                        new SourceKey(key.file(), key.line(), key.key(), (key.value() + "\n" + text.strip()).strip()));
                continue;
            }
            text = text.strip();
            int end = separator(text);
            if (text.startsWith("[") && text.contains("]")) {
                String name = text.substring(1, text.indexOf(']')).strip();
                section = sections.computeIfAbsent(name, it -> new IniSection(it, whole, new LinkedHashMap<>()));
                last = "";
            } else if (section == null || end <= 0) {
                report.lost(whole, "not an assignment in a section");
            } else {
                last = text.substring(0, end).strip().toLowerCase(Locale.ROOT);
                SourceKey key = new SourceKey(
                        file.toString(), number, last, text.substring(end + 1).strip());
                SourceKey before = section.keys.put(last, key);
                if (before != null) {
                    report.carried(before, "replaced by " + key.file() + ":" + key.line());
                }
            }
        }
    }

    private static int separator(String text) {
        int equals = text.indexOf('=');
        int colon = text.indexOf(':');
        return equals < 0 ? colon : colon < 0 ? equals : Math.min(equals, colon);
    }

    private static String withoutComment(String line) {
        String start = line.stripLeading();
        if (start.startsWith(";") || start.startsWith("#")) {
            return "";
        }
        for (int i = 1; i < line.length(); i++) {
            boolean begins = line.charAt(i) == ';' || line.charAt(i) == '#';
            if (begins && Character.isWhitespace(line.charAt(i - 1))) {
                return line.substring(0, i);
            }
        }
        return line;
    }
}
