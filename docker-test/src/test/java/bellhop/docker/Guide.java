package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lines that users copy from the pages: the tests execute the pages' own. */
final class Guide {
    private static final String FENCE = "```";

    private Guide() {}

    /** Everything in the blocks of lines below a heading of {@code docs/deploy.md}, up to the next heading. */
    static String lines(String heading) throws IOException {
        return lines("docs/deploy.md", heading);
    }

    /** Everything in the blocks of lines below a heading of a page, up to the next heading. */
    static String lines(String file, String heading) throws IOException {
        String page = Files.readString(Path.of("..").resolve(file));
        StringBuilder lines = new StringBuilder();
        boolean isBelow = false;
        boolean isWithin = false;
        for (String line : page.lines().toList()) {
            if (line.startsWith(FENCE)) {
                isWithin = !isWithin;
            } else if (line.startsWith("#") && !isWithin) {
                isBelow = line.equals(heading);
            } else if (isBelow && isWithin) {
                lines.append(line).append('\n');
            }
        }
        assertThat(lines).as("lines below \"%s\" in %s", heading, file).isNotEmpty();
        return lines.toString();
    }
}
