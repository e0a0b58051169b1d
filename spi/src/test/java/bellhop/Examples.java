package bellhop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The examples of manual pages. */
public final class Examples {

    private static final String BEGIN = "\n.Sh EXAMPLES\n";

    private Examples() {}

    /** The command lines of a page: its lines {@code .Dl} under EXAMPLES, in their order. */
    public static List<String> of(Path page) throws IOException {
        String text = Files.readString(page);
        assertThat(text).as("%s", page).contains(BEGIN);
        String examples = text.substring(text.indexOf(BEGIN) + BEGIN.length());
        return examples.substring(0, examples.indexOf("\n.Sh "))
                .lines()
                .filter(line -> line.startsWith(".Dl "))
                .map(line ->
                        line.substring(".Dl ".length()).replace("\\(dq", "\"").replace("\\&", ""))
                .toList();
    }
}
