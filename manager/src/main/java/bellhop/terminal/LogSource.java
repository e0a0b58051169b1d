package bellhop.terminal;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One log, read line by line from a manager that gives it a piece at a time. */
final class LogSource {

    /** What is longer comes in several lines, or one who never ends a line would fill the memory. */
    static final int LONGEST_LINE = 1 << 16;

    private final Asker asker;
    private final String service;
    private String from;
    private final String to;
    private final int size;

    /** What was read and not returned yet: from {@link #at} on. */
    private String text = "";

    private int at;
    /** The beginning of a line whose end was not read yet. */
    private String begun = "";

    private String time = "";
    private long modified;
    private int status;

    LogSource(Asker asker, String service, String from, String to, int size) {
        this.asker = asker;
        this.service = service;
        this.from = from;
        this.to = to;
        this.size = size;
    }

    String service() {
        return service;
    }

    /** What there is of a line that is not finished. */
    String begun() {
        return begun;
    }

    /**
     * The next line; null if there is no more that is finished.
     *
     * @throws IOException if no manager answers
     */
    @Nullable
    LogLine next() throws IOException {
        while (true) {
            int end = text.indexOf('\n', at);
            if (end >= 0) {
                String raw = begun + text.substring(at, end);
                begun = "";
                at = end + 1;
                return line(raw);
            }
            begun += text.substring(at);
            text = "";
            at = 0;
            if (begun.length() > LONGEST_LINE) {
                return last();
            }
            if (!read()) {
                return null;
            }
        }
    }

    /** The exit status of the last request that the manager could not answer; 0 if it answered all. */
    int status() {
        return status;
    }

    /** The line that is not finished. */
    LogLine last() {
        String raw = begun;
        begun = "";
        return line(raw);
    }

    /** A line without a time has that of the one before it in its log, or else of its file. */
    private LogLine line(String raw) {
        String fallback = time.isEmpty() ? LogLine.time(Instant.ofEpochMilli(modified)) : time;
        String shown = LogLine.stamp(raw).orElse(fallback);
        if (LogLine.stamp(raw).isPresent()) {
            time = shown;
        }
        return new LogLine(service, shown, raw);
    }

    private boolean read() throws IOException {
        List<String> words =
                new ArrayList<>(List.of("logs", "--from", from, "--to", to, "--size", Integer.toString(size)));
        if (!service.isEmpty()) {
            words.add(service);
        }
        int answered = asker.ask(words, (Fact piece) -> {
            text = LogLine.bytes(piece);
            from = piece.raw("next").orElse(to);
            modified = piece.number("modified").orElse(0);
        });
        if (answered != 0) {
            status = answered;
        }
        return !text.isEmpty();
    }
}
