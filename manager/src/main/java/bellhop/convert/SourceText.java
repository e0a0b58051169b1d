package bellhop.convert;

import bellhop.definition.Quote;
import bellhop.linux.FileErrors;
import bellhop.linux.RegularFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The text of a file that is imported. */
final class SourceText {
    private static final int MAX_BYTES = 1 << 20;

    private SourceText() {}

    /**
     * Reads its lines, without what ends them.
     *
     * @throws ImportException if it is not there, cannot be read, or is no text
     */
    static List<String> lines(Path file) throws ImportException {
        try {
            byte[] bytes = RegularFile.read(file, MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new ImportException(
                        Quote.onOneLine(file) + ": too long; expected at most " + MAX_BYTES + " bytes");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.lines()
                    .map(line -> line.startsWith("\uFEFF") ? line.substring(1) : line)
                    .toList();
        } catch (CharacterCodingException e) {
            throw new ImportException(Quote.onOneLine(file) + ": not UTF-8; expected a text");
        } catch (IOException e) {
            throw new ImportException(Quote.onOneLine(file) + ": " + FileErrors.of(e));
        }
    }
}
