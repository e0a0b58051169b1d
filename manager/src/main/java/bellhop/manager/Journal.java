package bellhop.manager;

import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.Word;
import bellhop.definition.Quote;
import bellhop.engine.ServiceObserver;
import bellhop.linux.TimeOfDay;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the manager itself has to say, a line each with the time: changes of state, warnings, who asked what. */
public final class Journal implements ServiceObserver {

    private final StandardOutput out;
    /** What was said before there was a log. */
    private final List<String> early = new ArrayList<>();

    private @Nullable Consumer<String> log;

    Journal(StandardOutput out) {
        this.out = out;
        var _ = time(); // reads the zone now: later there may be no descriptor for it
    }

    @Override
    public void changed(Service service) {
        say(line(service));
    }

    @Override
    public void adopted(Service service) {
        say("adopted: " + line(service));
    }

    private static String line(Service service) {
        StringBuilder line = new StringBuilder()
                .append(service.name())
                .append(' ')
                .append(service.word().text());
        int pid = service.run().map(Run::pid).orElse(0);
        if (service.word() == Word.STARTED && pid != 0) {
            line.append(" (pid ").append(pid).append(')');
        }
        if (!service.detail().isEmpty()) {
            line.append(": ").append(service.detail());
        }
        return line.toString();
    }

    @Override
    public void warn(String line) {
        say("warning: " + line);
    }

    /** Has each line, also those until now, kept by somebody who neither blocks nor throws. */
    synchronized void keepIn(Consumer<String> keeper) {
        log = keeper;
        early.forEach(keeper);
        early.clear();
    }

    /** One line; callable from any thread. */
    public void say(String line) {
        String text = Quote.onOneLine(line);
        out.say(time() + " " + text);
        keep(text);
    }

    private void keep(String line) {
        Consumer<String> keeper;
        synchronized (this) {
            keeper = log;
            if (keeper == null) {
                early.add(line);
                return;
            }
        }
        // Without the lock: it may have something to say itself.
        keeper.accept(line);
    }

    private static String time() {
        return TimeOfDay.at(System.currentTimeMillis() / 1000);
    }
}
