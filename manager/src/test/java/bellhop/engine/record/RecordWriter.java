package bellhop.engine.record;

import bellhop.DefinitionBuilder;
import bellhop.core.Effect;
import bellhop.core.Ending;
import bellhop.core.History;
import bellhop.core.Life;
import bellhop.core.Lifecycle;
import bellhop.core.Owner;
import bellhop.core.Service;
import bellhop.core.State;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.engine.process.ProcessId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes a run dir and puts a service on record that is up: for {@link RecordCutTest}, in a process of its own. */
final class RecordWriter {

    private RecordWriter() {}

    public static void main(String[] words) throws Exception {
        try {
            Records.take(Path.of(words[0])).save(started(), ProcessId.NONE);
        } catch (IOException | RecordsException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    static Effect.Save started() throws InvalidNameException {
        return saved(
                new State.Up(new Life(17, definition("new")), Optional.empty()),
                definition("new"),
                List.of(new Owner.Label("wifi:wlan0")));
    }

    static Effect.Save stopped() throws InvalidNameException {
        return saved(new State.Down(new Ending(Word.STOPPED, true, ""), false), definition("old"), List.of());
    }

    private static Effect.Save saved(State state, Definition definition, List<Owner> holders) {
        return new Effect.Save(
                new Service(
                        definition.name(),
                        definition,
                        false,
                        false,
                        1,
                        0,
                        Lifecycle.NEVER,
                        new History(0, List.of()),
                        state),
                holders,
                List.of());
    }

    private static Definition definition(String directory) throws InvalidNameException {
        ServiceName name = ServiceName.parse("web");
        return DefinitionBuilder.of(name, Path.of("/services.d", directory, "web"), Map.of())
                .build();
    }
}
