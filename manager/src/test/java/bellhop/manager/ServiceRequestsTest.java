package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.ServiceWriter;
import bellhop.catalog.Findings;
import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.ServiceReader;
import bellhop.core.Caller;
import bellhop.core.Input;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import bellhop.engine.Origin;
import bellhop.engine.ServiceObserver;
import bellhop.engine.process.LaunchGuard;
import bellhop.engine.process.ScriptEnvironment;
import bellhop.engine.process.ScriptOutput;
import bellhop.engine.readiness.RunDirectories;
import bellhop.engine.record.RecordStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that the core gets no more services than the memory is enough for. Nothing is started here. */
class ServiceRequestsTest {

    @TempDir
    Path directory;

    private Engine engine;
    private ServiceRequests requests;
    private final List<String> warnings = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    @BeforeEach
    void makeAnEngine() throws Exception {
        engine = new Engine(
                new Supervisor(1, () -> "secret"),
                RecordStore.NONE,
                new ServiceObserver() {
                    @Override
                    public void changed(Service service) {}

                    @Override
                    public void warn(String line) {
                        warnings.add(line);
                    }
                },
                ScriptOutput.INHERITED,
                ScriptEnvironment.ofManager(List.of(), directory, directory, service -> Map.of()),
                RunDirectories.NONE,
                LaunchGuard.NONE);
        requests = new ServiceRequests(engine, 2, warnings::add);
        for (String name : List.of("app", "db", "net", "web")) {
            ServiceWriter.write(directory.resolve(name + "/run"), true, "#!/bin/sh\n");
        }
        ServiceWriter.write(directory.resolve("app/service.yaml"), false, "requires: [db, net]\n");
    }

    @AfterEach
    void close() throws Exception {
        engine.close();
    }

    private Findings read(String name) throws Exception {
        return new ServiceReader(ServiceDirectories.named(List.of(directory))).read(List.of(ServiceName.parse(name)));
    }

    /** Tells the core of the services, as a start does, but asks for nothing that begins one. */
    private void ask(String name) throws Exception {
        failures.clear();
        requests.ask(
                Origin.NONE,
                read(name),
                (id, services) -> new Input.Read(services, Map.of()),
                (some, notes) -> failures.addAll(some));
    }

    private List<String> known() {
        return engine.services().services().stream()
                .map(service -> service.name().toString())
                .toList();
    }

    @Test
    void whatThereIsNoRoomForIsRefusedByNameAndNothingOfItIsKept() throws Exception {
        ask("app");

        assertThat(failures).containsExactly("net: refused: the manager's memory is enough for 2 services");
        assertThat(known()).isEmpty();
    }

    @Test
    void whatIsKnownCanAlwaysBeAskedFor() throws Exception {
        ask("web");
        ask("db");
        assertThat(known()).containsExactly("db", "web");

        ask("web");
        assertThat(failures).isEmpty();
        ask("net");
        assertThat(failures).containsExactly("net: refused: the manager's memory is enough for 2 services");
        assertThat(known()).containsExactly("db", "web");
    }

    @Test
    void ifNobodyWaitsForItTheJournalGetsIt() throws Exception {
        requests.ask(
                Origin.NONE,
                read("app"),
                (id, services) -> new Input.StartRequest(id, new Caller.Operator(), services));

        assertThat(warnings).containsExactly("net: refused: the manager's memory is enough for 2 services");
        assertThat(known()).isEmpty();
    }
}
