package bellhop.terminal;

import bellhop.definition.NamePattern;
import bellhop.definition.Quote;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Lines of several logs, merged by their times: {@code bh logs}. It asks where the logs end, reads each up to there a
 * piece at a time, and if it follows them goes on with what is appended after that; so nothing is missing between the
 * two, and nothing there twice.
 */
final class LogsRenderer implements Renderer {

    private static final int USAGE = 64;
    private static final int USUAL = 10;
    /** How much of the logs is held at once: all pieces, and the last lines. */
    private static final int ROOM = 1 << 20;

    private static final int LARGEST_PIECE = 16 * 1024;
    private static final int SMALLEST_PIECE = 1024;
    private static final int LINES_AT_ONCE = 200;

    private final Fact options;
    private final Asker asker;
    private final Pen pen;
    private final boolean follows;
    private final boolean several;

    private String since = "";
    private Optional<Instant> sinceMoment = Optional.empty();
    private String until = "\uffff";
    private @Nullable Pattern grep;

    /** Where each log ends that there was at the beginning. */
    private final Map<String, String> ends = new HashMap<>();

    private final List<String> services = new ArrayList<>();
    /** The beginnings of lines that are not finished. */
    private final Map<String, String> begun = new HashMap<>();

    private int width;
    private int unwritten;
    /** Of the last request for a piece that was not answered; 0 if all were. */
    private int unread;

    /** The manager cannot be asked any more. Not for what is drawn, which fails in the same way. */
    private static final class UnansweredException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final IOException why;

        UnansweredException(IOException why) {
            super(why);
            this.why = why;
        }
    }

    /**
     * Draws.
     *
     * @param options {@code only}, the names and patterns, none for the manager itself; {@code lines}, {@code since},
     *     {@code until}, {@code grep}; {@code follow=yes}, {@code json=yes}
     */
    LogsRenderer(Fact options, Asker asker, Pen pen) {
        this.options = options;
        this.asker = asker;
        this.pen = pen;
        this.follows = options.is("follow");
        List<String> names = options.all("only");
        this.several = names.size() > 1 || names.stream().anyMatch(NamePattern::isPattern);
    }

    @Override
    public void take(Fact fact) {
        // What there is to draw comes in answers to further questions.
    }

    @Override
    public int end(int status) throws IOException {
        String wrong = understand();
        if (!wrong.isEmpty()) {
            pen.complain("bh-logs: " + wrong);
            return USAGE;
        }
        List<String> words = new ArrayList<>(List.of("logs", "--ends"));
        if (follows) {
            words.add("-f");
        }
        words.addAll(options.all("only"));
        try {
            int answered = asker.ask(words, this::takeAnswer);
            pen.flush();
            return answered != 0 ? answered : unread;
        } catch (UnansweredException e) {
            throw e.why;
        }
    }

    /** Returns what is wrong with the options; nothing if they are understood. */
    private String understand() {
        ZonedDateTime now = ZonedDateTime.now(ZoneId.systemDefault());
        for (String option : List.of("since", "until")) {
            String text = options.raw(option).orElse("");
            if (options.raw(option).isPresent() && PointInTime.parse(text, now).isEmpty()) {
                return "--" + option + ": " + Quote.of(text) + "; expected " + PointInTime.EXPECTED;
            }
        }
        sinceMoment = options.raw("since").flatMap(text -> PointInTime.parse(text, now));
        since = sinceMoment.map(LogLine::time).orElse(since);
        until = options.raw("until")
                .flatMap(text -> PointInTime.parse(text, now))
                .map(LogLine::time)
                .orElse(until);
        if (follows && options.raw("until").isPresent()) {
            return "-f and --until exclude each other";
        }
        try {
            grep = options.raw("grep").map(Pattern::compile).orElse(null);
        } catch (PatternSyntaxException e) {
            return "--grep: " + Quote.of(e.getPattern()) + ": " + e.getDescription()
                    + (e.getIndex() < 0 ? "" : " at character " + (e.getIndex() + 1))
                    + "; expected a regular expression, in which \\ before a character takes its meaning from it";
        }
        return "";
    }

    private void takeAnswer(Fact fact) {
        String service = fact.raw("service").orElse("");
        switch (fact.kind()) {
            case "log" -> {
                ends.put(service, fact.raw("end").orElse(""));
                services.add(service);
                width = Math.max(width, Text.width(service));
            }
            case "logs" -> {
                try {
                    history();
                } catch (IOException e) {
                    throw new UnansweredException(e); // with -f this answer has no end
                } finally {
                    pen.flush();
                }
            }
            case "piece" -> follow(service, LogLine.bytes(fact));
            default -> {
                // for a later client
            }
        }
    }

    // What was written before.

    private boolean isFiltered() {
        return options.raw("since").isPresent() || options.raw("until").isPresent() || grep != null;
    }

    private void history() throws IOException {
        long most = options.number("lines").orElse(isFiltered() ? Long.MAX_VALUE : USUAL);
        if (most == Long.MAX_VALUE) {
            merge(start(most), this::print);
            return;
        }
        // The last ones are known at the end only. If they are too many to be held, all are read again.
        LastLines last = new LastLines(most);
        merge(start(most), last::add);
        if (last.isWhole()) {
            last.lines.forEach(this::print);
        } else {
            long[] left = {last.count - most};
            merge(start(most), line -> {
                if (left[0]-- <= 0) {
                    print(line);
                }
            });
        }
    }

    /** Which part of each log has all lines that may be shown. */
    private String start(long most) {
        if (!isFiltered()) {
            return "last:" + Math.min(most, Integer.MAX_VALUE);
        }
        return sinceMoment.map(moment -> "since:" + moment.toEpochMilli()).orElse("0:0");
    }

    /** Lines, as long as they are not too many. */
    private static final class LastLines {
        private final Deque<LogLine> lines = new ArrayDeque<>();
        private final long most;
        private long count;
        private long size;
        private boolean tooMany;

        LastLines(long most) {
            this.most = most;
        }

        void add(LogLine line) {
            count++;
            if (!tooMany && most > 0) {
                lines.add(line);
                size += line.raw().length();
                if (lines.size() > most) {
                    size -= lines.remove().raw().length();
                }
                tooMany = size > ROOM;
                if (tooMany) {
                    lines.clear();
                }
            }
        }

        boolean isWhole() {
            return !tooMany;
        }
    }

    /** A log whose next line is known. */
    private record Ahead(LogLine line, LogSource source, int number) implements Comparable<Ahead> {
        @Override
        public int compareTo(Ahead other) {
            int byTime = line.time().compareTo(other.line.time());
            return byTime != 0 ? byTime : Integer.compare(number, other.number);
        }
    }

    private void merge(String from, Consumer<LogLine> lines) throws IOException {
        int size = Math.clamp(ROOM / Math.max(1, ends.size()), SMALLEST_PIECE, LARGEST_PIECE);
        PriorityQueue<Ahead> heads = new PriorityQueue<>();
        begun.clear();
        for (int i = 0; i < services.size(); i++) {
            String service = services.get(i);
            String end = ends.getOrDefault(service, "");
            advance(new LogSource(asker, service, from, end, size), i, heads);
        }
        for (Ahead next = heads.poll(); next != null; next = heads.poll()) {
            if (isWanted(next.line())) {
                lines.accept(next.line());
            }
            advance(next.source(), next.number(), heads);
        }
    }

    private void advance(LogSource source, int number, PriorityQueue<Ahead> heads) throws IOException {
        LogLine line = source.next();
        if (source.status() != 0) {
            unread = source.status();
        }
        if (line == null && !source.begun().isEmpty()) {
            if (follows) {
                begun.put(source.service(), source.begun());
            } else {
                line = source.last();
            }
        }
        if (line != null) {
            heads.add(new Ahead(line, source, number));
        }
    }

    // What is written from now on.

    private void follow(String service, String text) {
        String rest = begun.getOrDefault(service, "") + text;
        int start = 0;
        for (int end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
            followed(service, rest.substring(start, end));
            start = end + 1;
        }
        if (rest.length() - start > LogSource.LONGEST_LINE) {
            followed(service, rest.substring(start));
            start = rest.length();
        }
        begun.put(service, rest.substring(start));
        pen.flush();
    }

    private void followed(String service, String raw) {
        LogLine line = new LogLine(service, LogLine.stamp(raw).orElseGet(() -> LogLine.time(Instant.now())), raw);
        if (isWanted(line)) {
            print(line);
        }
    }

    // What is shown.

    private boolean isWanted(LogLine line) {
        return line.time().compareTo(since) >= 0
                && line.time().compareTo(until) <= 0
                && (grep == null || grep.matcher(line.content()).find());
    }

    private void print(LogLine line) {
        Look look = pen.look();
        if (options.is("json")) {
            pen.line(line.json());
        } else {
            String text = look.terminal() ? Quote.onLines(line.text()) : line.text();
            pen.line(several ? head(line.service(), look) + text : text);
        }
        if (++unwritten >= LINES_AT_ONCE) {
            unwritten = 0;
            pen.flush();
        }
    }

    /** The name, each in a colour of its own. */
    private String head(String service, Look look) {
        int number = services.indexOf(service);
        if (number < 0) {
            number = services.size();
            services.add(service);
            width = Math.max(width, Text.width(service));
        }
        String name = service + " ".repeat(Math.max(0, width - Text.width(service)));
        return look.paint(Look.Colour.distinct(number), name + " |") + " ";
    }
}
