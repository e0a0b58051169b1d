package bellhop.engine;

import bellhop.core.Lifecycle.Run;
import bellhop.core.Owner;
import bellhop.core.Service;
import java.util.List;

/**
 * The text of {@code NAME/record}: a first line with the format's version, then lines of a key, a space
 * and a value. Keys: {@code name}, {@code phase}, {@code word}, {@code detail}, {@code attempt},
 * {@code pinned}, {@code held-down}, {@code directory}, {@code last-incarnation} (the greatest number that
 * was given to any service's); {@code incarnation} while one lives;
 * {@code script}, {@code launch}, {@code pid}, {@code start-time}, {@code boot-id} while a script runs;
 * {@code held-by} once for each hold, with the owner's incarnation if it is a service; last {@code end}.
 *
 * @param name the service
 * @param incarnation the incarnation that lives, 0 if none
 * @param lastIncarnation the greatest number that was given to any incarnation by then
 * @param pid the process of its script, 0 if none is known
 * @param startTime that process's start in clock ticks since boot
 * @param bootId the boot in which it was started
 */
record RecordFile(String name, long incarnation, long lastIncarnation, int pid, long startTime, String bootId) {

    static final String FORMAT = "bellhop-record 1";

    /** The last line: what has it is whole. */
    private static final String END = "end\n";

    /** The text for a service as it is now. */
    static String text(
            Service service, List<Owner> holders, Store.ProcessId process, String bootId, long lastIncarnation) {
        StringBuilder text = new StringBuilder(FORMAT).append('\n');
        line(text, "name", service.name());
        line(text, "phase", service.state().getClass().getSimpleName());
        line(text, "word", service.word().text());
        line(text, "detail", service.detail());
        line(text, "attempt", service.attempt());
        line(text, "pinned", service.pinned());
        line(text, "held-down", service.heldDown());
        line(text, "directory", service.latest().directory());
        line(text, "last-incarnation", lastIncarnation);
        service.life().ifPresent(life -> line(text, "incarnation", life.incarnation()));
        service.life().ifPresent(life -> line(text, "deaths", service.history().deaths()));
        service.run().ifPresent(run -> script(text, run, process, bootId));
        for (Owner owner : holders) {
            line(text, "held-by", owner instanceof Owner.Incarnation i ? i.service() + " " + i.number() : owner);
        }
        return text.append(END).toString();
    }

    private static void script(StringBuilder text, Run run, Store.ProcessId process, String bootId) {
        line(text, "script", run.script().fileName());
        line(text, "launch", run.launch());
        if (process.pid() != 0) {
            line(text, "pid", process.pid());
            line(text, "start-time", process.startTime());
            line(text, "boot-id", bootId);
        }
    }

    private static void line(StringBuilder text, String key, Object value) {
        text.append(key)
                .append(' ')
                .append(String.valueOf(value).replace('\n', ' ').replace('\r', ' '))
                .append('\n');
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws UnreadableRecordException if it is of another format, or torn
     */
    static RecordFile parse(String text) throws UnreadableRecordException {
        if (!text.startsWith(FORMAT + "\n")) {
            throw new UnreadableRecordException("expected \"" + FORMAT + "\" in line 1");
        }
        if (!text.endsWith("\n" + END)) {
            throw new UnreadableRecordException("its end is missing");
        }
        return new RecordFile(
                value(text, "name", ""),
                number(text, "incarnation"),
                number(text, "last-incarnation"),
                (int) number(text, "pid"),
                number(text, "start-time"),
                value(text, "boot-id", ""));
    }

    private static long number(String text, String key) throws UnreadableRecordException {
        String value = value(text, key, "0");
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new UnreadableRecordException(key + " is \"" + value + "\", expected a number");
        }
    }

    private static String value(String text, String key, String otherwise) {
        return text.lines()
                .filter(line -> line.startsWith(key + " "))
                .map(line -> line.substring(key.length() + 1))
                .findFirst()
                .orElse(otherwise);
    }

    /** Says what is wrong with a record. */
    static final class UnreadableRecordException extends Exception {
        private static final long serialVersionUID = 1;

        UnreadableRecordException(String message) {
            super(message);
        }
    }
}
