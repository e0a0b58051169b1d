package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.fuzz.Messages;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Verifies that any line is words, which as JSON are the same words, or one line that says where it is none. */
class RequestLineFuzzTest {

    @DictionaryEntries({"[\"", "\",\"", "\"]", "\\u00", "\\\\", "\\n", "[", "]", "\"", "bh-start", "--caller=a#1"})
    @FuzzTest
    void anyLineIsWordsOrIsRefused(byte[] bytes) {
        String line = new String(bytes, StandardCharsets.UTF_8).replace('\n', ' ');
        List<String> words;
        try {
            words = RequestLine.parse(line);
        } catch (MalformedRequestException e) {
            Messages.assertOneLine(e.getMessage());
            return;
        }
        assertThat(words).noneMatch(word -> word.indexOf('\0') >= 0);
        String written = RequestLine.format(words);
        assertThat(written).doesNotContain("\n");
        try {
            assertThat(RequestLine.parse(written)).isEqualTo(words);
        } catch (MalformedRequestException e) {
            throw new AssertionError(written + ": " + e.getMessage(), e);
        }
    }
}
