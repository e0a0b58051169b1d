package bellhop.image;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which licence each file has, as a copyright file in Debian's machine-readable format says. */
final class Copyright {

    /** The pattern of {@code Files: *}, which everything matches that nothing else does. */
    static final String ALL = "*";

    private final List<Map<String, String>> paragraphs = new ArrayList<>();

    Copyright(Path file) throws IOException {
        for (String paragraph : Files.readString(file).split("\n\n+", -1)) {
            Map<String, String> fields = new LinkedHashMap<>();
            String name = "";
            for (String line : paragraph.lines().toList()) {
                if (line.startsWith(" ")) {
                    fields.merge(name, line, (before, more) -> before + "\n" + more);
                } else {
                    name = line.substring(0, line.indexOf(':'));
                    fields.put(name, line.substring(name.length() + 1).strip());
                }
            }
            paragraphs.add(fields);
        }
    }

    /** The short name of the licence of a file, a path without {@code /} at its start. */
    String licenseOf(String file) {
        return paragraphOf(file).getOrDefault("License", "");
    }

    /** The patterns of the paragraph that is about a file: the last that matches, as the format says. */
    String patternsFor(String file) {
        return paragraphOf(file).getOrDefault("Files", "");
    }

    private Map<String, String> paragraphOf(String file) {
        return paragraphs.stream()
                .filter(paragraph -> Arrays.stream(
                                paragraph.getOrDefault("Files", "").split("\\s+"))
                        .anyMatch(pattern -> matches(pattern, file)))
                .reduce((before, last) -> last)
                .orElse(Map.of());
    }

    /** There a {@code *} matches any number of characters, also slashes. */
    private static boolean matches(String pattern, String file) {
        return FileSystems.getDefault()
                .getPathMatcher("glob:" + pattern.replace("*", "**"))
                .matches(Path.of(file));
    }

    /** The text of a licence, or where it is; empty if there is none. */
    String text(String license) {
        return paragraphs.stream()
                .filter(paragraph -> !paragraph.containsKey("Files"))
                .map(paragraph -> paragraph.getOrDefault("License", ""))
                .filter(text -> text.startsWith(license + "\n"))
                .findFirst()
                .orElse("");
    }
}
