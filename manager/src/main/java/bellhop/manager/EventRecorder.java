package bellhop.manager;

import bellhop.core.Life;
import bellhop.core.Service;
import bellhop.core.State;
import bellhop.definition.ServiceName;
import bellhop.engine.Origin;
import bellhop.engine.ServiceChange;
import bellhop.engine.ServiceObserver;
import bellhop.engine.record.EventLine;
import bellhop.engine.record.EventLog;
import bellhop.engine.record.Records;
import bellhop.linux.FileErrors;
import java.io.IOException;
import java.util.List;

/** Records what changes, and what the manager itself does, for whoever asks later. */
final class EventRecorder implements ServiceObserver {

    private final EventLog events;

    /** Goes on with the events of an earlier manager, unless that left nothing to go on with. */
    EventRecorder(EventLog events, Records records, Journal journal) {
        this.events = events;
        boolean isAdopting = !records.isFresh() || !records.left().isEmpty();
        if (!isAdopting) {
            try {
                events.clear();
            } catch (IOException e) {
                journal.warn("earlier events are kept: " + FileErrors.withFile(e));
            }
        }
        String pid = "pid " + ProcessHandle.current().pid();
        manager(
                isAdopting ? "adopting" : "started",
                isAdopting
                        ? pid + ", services of an earlier manager: "
                                + records.left().size()
                        : pid,
                Origin.NONE);
    }

    /** Something that the manager itself does. */
    void manager(String word, String detail, Origin origin) {
        events.add(EventLine.ofManager(word, detail, origin.who(), origin.words()));
    }

    @Override
    public void noted(ServiceChange change) {
        Service service = change.service();
        events.add(new EventLine(
                System.currentTimeMillis(),
                service.name().toString(),
                change.incarnation(),
                service.word().text(),
                service.detail(),
                change.cause(),
                change.origin().who(),
                change.origin().words(),
                service.state() instanceof State.Requiring(Life life)
                        ? list(life.definition().requires())
                        : ""));
    }

    private static String list(List<ServiceName> names) {
        StringBuilder list = new StringBuilder();
        for (ServiceName name : names) {
            list.append(list.isEmpty() ? "" : " ").append(name);
        }
        return list.toString();
    }

    @Override
    public void stoppingEverything(Origin origin) {
        manager("stopping", "everything", origin);
    }

    @Override
    public void roundEnds() {
        events.flush();
    }

    @Override
    public void changed(Service service) {
        // comes with its cause
    }

    @Override
    public void warn(String line) {
        // is the journal's
    }
}
