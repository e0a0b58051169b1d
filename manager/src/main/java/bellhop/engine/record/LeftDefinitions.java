package bellhop.engine.record;

import bellhop.definition.Definition;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A record that an earlier manager left, and the definitions beside it. */
final class LeftDefinitions implements RecordText.PartReader {
    /** Bytes; above what the holds and the definition of one service come to, unless there is malice. */
    static final int LONGEST = 4 << 20;

    private final Path directory;
    private DefinitionFiles found = DefinitionFiles.NONE;

    LeftDefinitions(Path directory) {
        this.directory = directory;
    }

    /** As {@link RecordFile#parse(String, RecordText.PartReader)}; an {@link IOException} tells nothing of the record. */
    RecordFile parse(String record)
            throws IOException, RecordFile.UnreadableRecordException, RecordFile.OtherVersionException {
        try {
            return RecordFile.parse(record, this);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Those that were read. */
    DefinitionFiles found() {
        return found;
    }

    @Override
    public Record read(String name) throws RecordText.MalformedException {
        Optional<Definition> known = found.in(name);
        if (known.isPresent()) {
            return known.get();
        }
        if (!DefinitionFiles.isName(name)) {
            throw new RecordText.MalformedException("\"" + name + "\" is no name of a definition");
        }
        try {
            Definition definition = RecordFile.parseDefinition(text(directory.resolve(name)));
            found = found.and(name, definition);
            return definition;
        } catch (RecordFile.UnreadableRecordException | RecordText.MalformedException e) {
            throw new RecordText.MalformedException(name + ": " + e.getMessage());
        } catch (IOException e) {
            if (e instanceof NoSuchFileException
                    || (e instanceof PosixException call && call.errno() == Errno.ENOENT)) {
                throw new RecordText.MalformedException(name + " is missing");
            }
            throw new UncheckedIOException(e);
        }
    }

    /** Without following a link, and no more than any record has. */
    static String text(Path record) throws IOException, RecordFile.UnreadableRecordException {
        if (!Fd.lstat(record).isRegular()) {
            throw new RecordFile.UnreadableRecordException("not a regular file");
        }
        try (InputStream in = Files.newInputStream(record, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes(LONGEST);
            if (bytes.length == LONGEST) {
                throw new RecordFile.UnreadableRecordException("it has more than " + LONGEST + " bytes");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RecordFile.UnreadableRecordException("it is not text");
        }
    }
}
