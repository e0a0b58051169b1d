package bellhop.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads a log from its files, whether a manager runs or not; with one that runs, {@link LogPump#follow} knows of
 * each line when it is there. Usable from any thread.
 */
public final class LogReader {
    private static final int BLOCK = 16 * 1024;
    private static final int TRIES = 5;

    private final Path directory;

    /** A reader of the log in this directory, which need not be there. */
    public LogReader(Path directory) {
        this.directory = directory;
    }

    /**
     * The end of the log, across its files.
     *
     * @param count how many lines, an unfinished one at the end among them
     * @return the lines with their newlines, byte for byte; fewer if there are no more
     */
    public byte[] lastLines(int count) throws IOException {
        for (int i = 1; ; i++) {
            Object before = identityOfCurrent();
            byte[] lines = new Backwards(count).read();
            if (i == TRIES || Objects.equals(before, identityOfCurrent())) {
                return lines;
            }
            // It was rotated meanwhile: a file may have been read twice, or not at all.
        }
    }

    private Object identityOfCurrent() throws IOException {
        try {
            Path current = LogFiles.older(directory, 0);
            return String.valueOf(
                    Files.readAttributes(current, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** The files there are, the youngest first. */
    private SortedMap<Integer, Path> files() throws IOException {
        SortedMap<Integer, Path> files = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "current*")) {
            for (Path entry : entries) {
                String suffix = String.valueOf(entry.getFileName()).substring("current".length());
                boolean isOurs = suffix.isEmpty() || suffix.matches("\\.[1-9]\\d{0,5}");
                if (isOurs && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                    files.put(suffix.isEmpty() ? 0 : Integer.parseInt(suffix.substring(1)), entry);
                }
            }
        } catch (NoSuchFileException e) {
            // Nothing was logged yet.
        }
        return files;
    }

    /** Goes back from the end until there are enough lines. */
    private final class Backwards {
        private final Deque<byte[]> blocks = new ArrayDeque<>();
        private int missing;
        private boolean atEnd = true;

        Backwards(int count) {
            missing = count;
        }

        byte[] read() throws IOException {
            for (Path file : files().values()) {
                if (missing > 0) {
                    read(file);
                }
            }
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            blocks.forEach(lines::writeBytes);
            return lines.toByteArray();
        }

        private void read(Path file) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                long end = channel.size();
                while (end > 0 && missing > 0) {
                    long start = Math.max(0, end - BLOCK);
                    ByteBuffer block = ByteBuffer.allocate((int) (end - start));
                    while (block.hasRemaining() && channel.read(block, start + block.position()) > 0) {}
                    block.flip().position(startOfMissing(block));
                    byte[] wanted = new byte[block.remaining()];
                    block.get(wanted);
                    blocks.addFirst(wanted);
                    end = start;
                }
            } catch (NoSuchFileException e) {
                // It was the oldest and went when the log was rotated.
            }
        }

        /** Where the first line that is wanted begins in the block, or its start if more lines are. */
        private int startOfMissing(ByteBuffer block) {
            for (int at = block.limit() - 1; at >= 0; at--) {
                boolean endsTheText = atEnd;
                atEnd = false;
                if (block.get(at) == '\n' && !endsTheText && --missing == 0) {
                    return at + 1;
                }
            }
            return 0;
        }
    }
}
