package bellhop.manager;

import bellhop.control.ControlSockets;
import bellhop.control.StopClient;
import bellhop.core.Caller;
import bellhop.core.Input;
import bellhop.core.Service;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import bellhop.engine.Origin;
import bellhop.engine.record.Records;
import bellhop.linux.FileErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sockets of services that ask for one ({@code control_socket: true}): {@code NAME/socket} in the run
 * dir, there while an incarnation lives. To connect is to stop the service and wait.
 */
final class ServiceSockets {

    private final ControlSockets sockets;
    private final Records records;
    private final Engine engine;
    private final Journal journal;
    private final Map<ServiceName, Path> open = new HashMap<>();

    ServiceSockets(ControlSockets sockets, Records records, Engine engine, Journal journal) {
        this.sockets = sockets;
        this.records = records;
        this.engine = engine;
        this.journal = journal;
    }

    /** A service has changed; on the loop's thread. */
    void changed(Service service) {
        boolean wanted =
                service.life().filter(life -> life.definition().controlSocket()).isPresent();
        ServiceName name = service.name();
        if (wanted && !open.containsKey(name)) {
            listen(name);
        } else if (!wanted && open.containsKey(name)) {
            sockets.close(open.remove(name));
        }
    }

    /** Listens nowhere any more: for a manager that is to be replaced, or ends. */
    void close() {
        sockets.close();
    }

    private void listen(ServiceName name) {
        try {
            Path socket = records.directory(name).resolve("socket");
            sockets.open(socket, waiter -> engine.execute(() -> stop(name, waiter)));
            open.put(name, socket);
        } catch (IOException e) {
            journal.warn(name + ": no control socket: " + FileErrors.withFile(e));
        }
    }

    private void stop(ServiceName name, StopClient waiter) {
        journal.say("asked by " + waiter.peer() + " over the socket of " + name + ": stop " + name);
        Origin origin = new Origin(waiter.peer().toString(), "stop over the socket of " + name);
        engine.request(
                origin, id -> new Input.StopRequest(id, new Caller.Operator(), List.of(name)), (failures, notes) -> {
                    if (failures.isEmpty()) {
                        waiter.stopped();
                    } else {
                        waiter.failed(String.join("; ", failures));
                    }
                });
    }
}
