package bellhop.manager;

import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.Word;
import bellhop.definition.Quote;
import bellhop.engine.ServiceObserver;
import bellhop.linux.TimeOfDay;

/** What the manager itself has to say, a line each with the time: changes of state, warnings, who asked what. */
public final class Journal implements ServiceObserver {

    private final StandardOutput out;

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

    /** One line; callable from any thread. */
    public void say(String line) {
        out.say(time() + " " + Quote.onOneLine(line));
    }

    private static String time() {
        return TimeOfDay.at(System.currentTimeMillis() / 1000);
    }
}
