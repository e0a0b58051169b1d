package bellhop.log;

import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads a log from its files, whether a manager runs or not; with one that runs, {@link LogPump#follow} knows of
 * each line when it is there. Usable from any thread.
 */
public final class LogReader {
    private static final int BLOCK = 16 * 1024;
    private static final int TRIES = 5;
    private static final long NANOS_PER_MILLI = 1_000_000;

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
            byte[] lines = new Backwards(count, true).read();
            if (i == TRIES || Objects.equals(before, identityOfCurrent())) {
                return lines;
            }
            // It was rotated meanwhile: a file may have been read twice, or not at all.
        }
    }

    /** Where the log ends now. */
    public LogPosition end() throws IOException {
        try {
            Stat current = Fd.lstat(LogFiles.older(directory, 0));
            return new LogPosition(current.ino(), current.size());
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return LogPosition.START;
            }
            throw e;
        }
    }

    /** The beginning of the first file that was written to since that moment, in milliseconds since 1970. */
    public LogPosition since(long millis) throws IOException {
        LogPosition first = LogPosition.START;
        for (StoredFile file : stored()) {
            if (!first.equals(LogPosition.START) && file.modified() < millis) {
                break;
            }
            first = new LogPosition(file.inode(), 0);
        }
        return first;
    }

    /** Where the last so many lines before that position begin. */
    public LogPosition before(LogPosition end, int count) throws IOException {
        List<StoredFile> files = stored();
        Backwards lines = new Backwards(count, false);
        LogPosition first = end;
        for (int i = index(files, end); i >= 0 && i < files.size() && lines.missing > 0; i++) {
            StoredFile file = files.get(i);
            first = new LogPosition(
                    file.inode(), lines.read(file.path(), file.inode() == end.inode() ? end.offset() : file.size()));
        }
        return first;
    }

    /**
     * A part of a log.
     *
     * @param text a character for each byte; none if there is no more
     * @param next where it goes on
     * @param modified when the file that it is from was last written to, in milliseconds since 1970
     */
    public record Piece(String text, LogPosition next, long modified) {}

    /**
     * Reads what comes next, from one file at a time, the oldest first.
     *
     * @param to where to end; if it is not there any more, neither is anything before it
     */
    public Piece read(LogPosition from, LogPosition to, int most) throws IOException {
        for (int tries = 0; tries < TRIES; tries++) {
            Optional<Piece> piece = readOnce(from, to, most);
            if (piece.isPresent()) {
                return piece.get();
            }
        }
        throw new IOException(directory + ": is rotated too fast to be read");
    }

    /** Empty if it was rotated meanwhile. */
    private Optional<Piece> readOnce(LogPosition from, LogPosition to, int most) throws IOException {
        List<StoredFile> files = stored();
        int last = index(files, to);
        int known = index(files, from);
        int at = known < 0 ? files.size() - 1 : known;
        long offset = known < 0 ? 0 : from.offset();
        while (last >= 0 && at >= last) {
            StoredFile file = files.get(at);
            long limit = at == last ? Math.min(to.offset(), file.size()) : file.size();
            if (offset < limit) {
                ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(most, limit - offset));
                try (FileChannel channel =
                        FileChannel.open(file.path(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                    while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) > 0) {}
                } catch (NoSuchFileException e) {
                    return Optional.empty();
                }
                if (bytes.position() == 0 || index(stored(), new LogPosition(file.inode(), 0)) != at) {
                    return Optional.empty();
                }
                LogPosition next = new LogPosition(file.inode(), offset + bytes.position());
                return Optional.of(new Piece(text(bytes), next, file.modified()));
            }
            at--;
            offset = 0;
        }
        return Optional.of(new Piece("", to, 0));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes.flip()).toString();
    }

    /** One of the files, as it was when the directory was read. */
    private record StoredFile(Path path, long inode, long size, long modified) {}

    /** The youngest first. */
    private List<StoredFile> stored() throws IOException {
        List<StoredFile> stored = new ArrayList<>();
        for (Path path : files().values()) {
            try {
                Stat stat = Fd.lstat(path);
                stored.add(new StoredFile(path, stat.ino(), stat.size(), stat.mtime() / NANOS_PER_MILLI));
            } catch (PosixException e) {
                // It was the oldest and went when the log was rotated.
            }
        }
        return stored;
    }

    private static int index(List<StoredFile> files, LogPosition position) {
        for (int i = 0; i < files.size(); i++) {
            if (files.get(i).inode() == position.inode()) {
                return i;
            }
        }
        return -1;
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
        private final boolean keeps;
        private boolean atEnd = true;

        /** Looks for so many lines, and keeps them for {@link #read()} if asked. */
        Backwards(int count, boolean keeps) {
            missing = count;
            this.keeps = keeps;
        }

        byte[] read() throws IOException {
            for (Path file : files().values()) {
                if (missing > 0) {
                    read(file, Long.MAX_VALUE);
                }
            }
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            blocks.forEach(lines::writeBytes);
            return lines.toByteArray();
        }

        /** Returns where what is wanted begins in the file. */
        private long read(Path file, long limit) throws IOException {
            long first = 0;
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                long end = Math.min(channel.size(), limit);
                while (end > 0 && missing > 0) {
                    long start = Math.max(0, end - BLOCK);
                    ByteBuffer block = ByteBuffer.allocate((int) (end - start));
                    while (block.hasRemaining() && channel.read(block, start + block.position()) > 0) {}
                    block.flip().position(startOfMissing(block));
                    first = start + block.position();
                    if (keeps) {
                        byte[] wanted = new byte[block.remaining()];
                        block.get(wanted);
                        blocks.addFirst(wanted);
                    }
                    end = start;
                }
            } catch (NoSuchFileException e) {
                // It was the oldest and went when the log was rotated.
            }
            return first;
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
