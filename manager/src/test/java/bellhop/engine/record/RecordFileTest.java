package bellhop.engine.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.catalog.ServiceDirectories;
import bellhop.core.Lifecycle;
import bellhop.core.Lifecycle.After;
import bellhop.core.Lifecycle.Effect;
import bellhop.core.Lifecycle.Ending;
import bellhop.core.Lifecycle.History;
import bellhop.core.Lifecycle.Life;
import bellhop.core.Lifecycle.Run;
import bellhop.core.Lifecycle.Signal;
import bellhop.core.Lifecycle.State;
import bellhop.core.Lifecycle.TimeLimit;
import bellhop.core.Lifecycle.Word;
import bellhop.core.Owner;
import bellhop.core.Service;
import bellhop.definition.Definition;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.process.ProcessId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that a record keeps all that is known of a service, and that nothing else is taken for one. */
class RecordFileTest {

    private static final Ending ENDING =
            new Ending(Word.FAILED, false, "pre exited 3\nafter 0.1 s \\ \u00e9 \ud83d\ude00");

    @TempDir
    Path folder;

    private Definition definition;

    @BeforeEach
    void readADefinitionWithAllKeys() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("all"));
        for (String script : List.of("pre", "run", "post")) {
            Path file = Files.writeString(directory.resolve(script), "#!/bin/sh\n");
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        Files.writeString(directory.resolve("service.yaml"), """
                description: "all of it: \\u0007"
                requires: [other, third]
                autostart: true
                restart: on-failure
                restart_delay: 250ms
                restart_max_delay: 20s
                restart_limit: {times: 5, within: 60s}
                stop_signal: SIGUSR1
                stop_grace_period: 3s
                kill_mode: group
                timeouts: {pre: 1s, ready: 2s, post: 3s}
                user: root
                working_dir: /
                umask: "022"
                environment: {LANG: C, TEXT: "two\\nlines"}
                ulimits: {nofile: 1024}
                nice: 5
                cap_drop: [NET_RAW]
                no_new_privileges: true
                mem_limit: 64m
                cpus: 0.5
                pids_limit: 100
                ready: {notify: true, watchdog: 30s}
                healthcheck: {test: ["CMD", "true"], interval: 30s, timeout: 5s, retries: 3, start_period: 10s}
                linger: 5s
                control_socket: true
                log: {to: file, max_size: 2m, keep: 3, timestamps: false}
                triggers: {wifi: {interfaces: ["wlan*", 3], more: {deep: true}}}
                template: false
                """);
        for (String required : List.of("other", "third")) {
            Path run = Files.createDirectory(folder.resolve(required)).resolve("run");
            Files.writeString(run, "#!/bin/sh\n");
            assertThat(run.toFile().setExecutable(true)).isTrue();
        }
        definition = ServiceDirectories.named(List.of(folder)).find(ServiceName.parse("all"));
    }

    private List<State> states() {
        Life life = new Life(17, definition, Optional.of("0123456789abcdef"));
        Run run = new Run(18, Script.RUN, 4711, 123_456_789, new TimeLimit(99, Lifecycle.NEVER));
        return List.of(
                new State.Down(ENDING, true),
                new State.Requiring(life),
                new State.Preparing(life, run),
                new State.Launching(life, run, true),
                new State.Up(life, Optional.of(run)),
                new State.Up(life, Optional.empty()),
                new State.Leaving(life, run, true, 5),
                new State.Clearing(life, run, new After.Relaunch(ENDING), false, Signal.STOP, 6),
                new State.Clearing(life, run, new After.Retry(ENDING), false, Signal.ABORT, 6),
                new State.Clearing(life, run, new After.Abandon(ENDING), false, Signal.KILL, 6),
                new State.Clearing(life, run, new After.CleanUp(ENDING), false, Signal.KILL, 6),
                new State.Clearing(life, run, new After.Rest(ENDING), false, Signal.KILL, 6),
                new State.CleaningUp(life, run, ENDING, true),
                new State.Restarting(Optional.of(life), ENDING, 7),
                new State.Restarting(Optional.empty(), ENDING, 7));
    }

    private RecordFile record(State state) throws Exception {
        Service service = new Service(
                ServiceName.parse("all"), definition, true, true, 3, 2, 8, new History(2, List.of(1L, 2L)), state);
        List<Owner> holders = List.of(
                Owner.OPERATOR,
                Owner.OPERATOR,
                new Owner.Label("wifi:wlan0 \t"),
                new Owner.Incarnation(ServiceName.parse("getty@tty\u00e9"), 9));
        return new RecordFile(
                "boot", 42, new ProcessId(4711, 815), new Effect.Save(service, holders, holders.subList(0, 1)));
    }

    @Test
    void everyStateIsReadAsItWasWritten() throws Exception {
        for (State state : states()) {
            RecordFile record = record(state);
            assertThat(RecordFile.parse(record.text())).isEqualTo(record);
        }
    }

    @Test
    void whatIsTornIsNoRecord() throws Exception {
        String whole = record(states().get(4)).text();
        for (int length = whole.indexOf('\n') + 1; length < whole.length(); length++) {
            String torn = whole.substring(0, length);
            assertThatThrownBy(() -> RecordFile.parse(torn))
                    .isInstanceOf(RecordFile.UnreadableRecordException.class)
                    .hasMessage("its end is missing");
        }
    }

    @Test
    void aLineLessOrMoreIsNoRecord() throws Exception {
        String whole = record(states().get(4)).text();
        List<String> lines = whole.lines().toList();
        for (int i = 1; i < lines.size() - 1; i++) {
            String line = lines.get(i);
            // What is optional may be missing; then what belongs to it is too much.
            String less = whole.replaceFirst("(?m)^\\Q" + line.replace("\\E", "") + "\\E\n", "");
            try {
                assertThat(RecordFile.parse(less)).isNotEqualTo(record(states().get(4)));
            } catch (RecordFile.UnreadableRecordException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
            String more = whole.replace("end\n", line + "\nend\n");
            assertThatThrownBy(() -> RecordFile.parse(more))
                    .isInstanceOf(RecordFile.UnreadableRecordException.class)
                    .hasMessageContaining("a line that has no place");
        }
        String unknown = whole.replace("end\n", "saved.service.mood good\nend\n");
        assertThatThrownBy(() -> RecordFile.parse(unknown)).hasMessageContaining("saved.service.mood");
    }

    @Test
    void whatAValueCannotBeIsNamed() throws Exception {
        String whole = record(states().get(4)).text();
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("lastNumber 42", "lastNumber many")))
                .hasMessage("lastNumber: \"many\" is no long");
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("saved.service.name all", "saved.service.name ../x")))
                .hasMessage("saved.service.name: \"../x\" is no ServiceName");
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("state Up", "state Asleep")))
                .hasMessageStartingWith("saved.service.state: \"Asleep\" is none of Down, Requiring,");
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("pinned true", "pinned maybe")))
                .hasMessage("saved.service.pinned: \"maybe\" is no boolean");
    }

    /** Found by fuzzing: what was in the file went to the journal as it was. */
    @Test
    void whatIsWrongIsSaidOnOneLineForPeople() throws Exception {
        String whole = record(states().get(4)).text();
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("lastNumber 42", "lastNumber 4\0\u001b[2J")))
                .hasMessage("lastNumber: \"4\\x00\\x1b[2J\" is no long");
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("end\n", "a\rb\nend\n")))
                .hasMessage("a line that has no place: a\\x0db");
    }

    @Test
    void anotherVersionIsToldFromWhatIsNoRecord() throws Exception {
        String whole = record(states().get(4)).text();
        assertThatThrownBy(() -> RecordFile.parse(whole.replaceFirst("record 2", "record 17")))
                .isInstanceOf(RecordFile.OtherVersionException.class)
                .hasMessage("format 17, and this one reads format 2");
        for (String first : List.of("", "bellhop-record", "bellhop-record \n", "bellhop-record two\n", "hello\n")) {
            assertThatThrownBy(() -> RecordFile.parse(first))
                    .isInstanceOf(RecordFile.UnreadableRecordException.class)
                    .hasMessage("expected \"bellhop-record 2\" in line 1");
        }
    }

    /** The samples were written by the image that first had this format; they are never written anew. */
    @Test
    void recordsOfTheFirstImageWithThisFormatAreReadAsTheyWereWritten() throws Exception {
        Path samples = Path.of("src/test/resources/records").resolve(Integer.toString(RecordFile.VERSION));
        for (String name : List.of("down", "launching", "up", "running", "clearing", "cleaningup", "restarting")) {
            String text = Files.readString(samples.resolve(name + ".record"));

            RecordFile record = RecordFile.parse(text);

            assertThat(record.text()).as(name).hasLineCount((int) text.lines().count());
            assertThat(RecordFile.parse(record.text())).as(name).isEqualTo(record);
        }
    }
}
