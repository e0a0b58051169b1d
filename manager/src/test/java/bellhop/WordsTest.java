package bellhop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Verifies that pages and messages have none of the words that CONTRIBUTING.md replaces everywhere. */
class WordsTest {

    private static final Path CLONE = Path.of("..").toAbsolutePath().normalize();

    /** A word that is never right, and what to write instead. */
    private static final Map<String, String> INSTEAD = Map.of(
            "anew", "again",
            "by hand", "manually",
            "folder", "directory",
            "folders", "directories",
            "passed over", "ignored",
            "nobody saw how", "with unknown exit status",
            "wait in a circle", "circular wait",
            "circle of waiting", "circular wait");

    private static final Pattern WORD =
            Pattern.compile("(?i)\\b(" + String.join("|", INSTEAD.keySet()).replace(" ", "\\s+") + ")\\b");

    /** Comments and characters are matched so that no quote in them begins a literal. */
    private static final Pattern TOKEN = Pattern.compile(
            "(?s)/\\*.*?\\*/|//[^\\n]*|'(?:\\\\.|[^'\\\\])+'|(\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\")");

    @Test
    void pagesHaveNoneOfThem() throws IOException {
        List<Path> pages = files(CLONE.resolve("docs"), ".md", ".1", ".5", ".7");
        pages.add(CLONE.resolve("README.md"));

        List<String> found = new ArrayList<>();
        for (Path page : pages) {
            find(page, Files.readString(page), 0, found);
        }

        assertThat(pages).hasSizeGreaterThan(20);
        assertThat(found).isEmpty();
    }

    @Test
    void literalsHaveNoneOfThem() throws IOException {
        List<String> found = new ArrayList<>();
        int literals = 0;
        for (String module : List.of("spi", "manager", "plugins/wifi", "plugins/getty")) {
            for (Path source : files(CLONE.resolve(module).resolve("src/main/java"), ".java")) {
                String text = Files.readString(source);
                for (MatchResult token : TOKEN.matcher(text).results().toList()) {
                    if (token.group(1) != null) {
                        literals++;
                        find(source, token.group(1), linesIn(text.substring(0, token.start())), found);
                    }
                }
            }
        }

        assertThat(literals).isGreaterThan(1000);
        assertThat(found).isEmpty();
    }

    private static void find(Path file, String text, int linesBefore, List<String> found) {
        WORD.matcher(text).results().forEach(word -> {
            int line = linesBefore + linesIn(text.substring(0, word.start())) + 1;
            String known = word.group().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
            found.add(CLONE.relativize(file) + ":" + line + ": " + known + "; write " + INSTEAD.get(known));
        });
    }

    private static int linesIn(String text) {
        return (int) text.chars().filter(c -> c == '\n').count();
    }

    private static List<Path> files(Path below, String... endings) throws IOException {
        try (Stream<Path> files = Files.walk(below)) {
            return new ArrayList<>(files.filter(file -> Stream.of(endings)
                            .anyMatch(ending -> file.getFileName().toString().endsWith(ending)))
                    .sorted()
                    .toList());
        }
    }
}
