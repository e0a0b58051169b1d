package bellhop.engine.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.DefinitionBuilder;
import bellhop.catalog.ServiceDirectories;
import bellhop.core.After;
import bellhop.core.Effect;
import bellhop.core.Ending;
import bellhop.core.Exit;
import bellhop.core.Failure;
import bellhop.core.History;
import bellhop.core.Life;
import bellhop.core.Lifecycle;
import bellhop.core.Owner;
import bellhop.core.Run;
import bellhop.core.RunEnd;
import bellhop.core.RunResult;
import bellhop.core.Service;
import bellhop.core.Signal;
import bellhop.core.State;
import bellhop.core.TimeLimit;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.ExitRules;
import bellhop.definition.Ready;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.process.ProcessId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that a record keeps all that is known of a service, and that nothing else is taken for one. */
class RecordFileTest {

    private static final Ending ENDING =
            new Ending(Word.FAILED, false, "pre exited 3\nafter 0.1 s \\ \u00e9 \ud83d\ude00");

    private static final Ending STOPPED = new Ending(Word.STOPPED, true, "");

    private static final Path SAMPLES = Path.of("src/test/resources/records/2");

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
        definition = ServiceDirectories.named(List.of(folder))
                .find(ServiceName.parse("all"))
                .usable()
                .orElseThrow();
    }

    private List<State> states() {
        return states(new Life(17, definition, Optional.of("0123456789abcdef")));
    }

    private static List<State> states(Life life) {
        Run run = new Run(18, Script.RUN, 4711, 123_456_789, new TimeLimit(99, Lifecycle.NEVER));
        return List.of(
                new State.Down(ENDING, true),
                new State.Requiring(life),
                new State.Preparing(life, run),
                new State.Launching(life, run, true),
                new State.Up(life, Optional.of(run)),
                new State.Up(life, Optional.empty()),
                new State.Leaving(life, run, true, 5),
                new State.Clearing(life, run, new After.Relaunch(ENDING, OptionalLong.empty()), false, Signal.STOP, 6),
                new State.Clearing(life, run, new After.Retry(ENDING), false, Signal.ABORT, 6),
                new State.Clearing(life, run, new After.Abandon(ENDING), false, Signal.KILL, 6),
                new State.Clearing(life, run, new After.CleanUp(ENDING), false, Signal.KILL, 6),
                new State.Clearing(life, run, new After.Rest(ENDING), false, Signal.KILL, 6),
                new State.CleaningUp(life, run, ENDING, true),
                new State.Restarting(Optional.of(life), ENDING, 7),
                new State.Restarting(Optional.empty(), ENDING, 7));
    }

    private RecordFile record(State state) throws Exception {
        return record(definition, state);
    }

    private static RecordFile record(Definition definition, State state) throws Exception {
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
    void whatWasAddedToADefinitionSinceThisFormatIsKeptToo() throws Exception {
        Definition job = DefinitionBuilder.of(definition.name(), definition.directory(), definition.commands())
                .ready(new Ready.Finished())
                .requires(List.of(ServiceName.parse("other")))
                .optional(Optional.of(List.of(ServiceName.parse("other"))))
                .onFailure(Optional.of(List.of(ServiceName.parse("mail"))))
                .exits(Optional.of(new ExitRules(List.of("3", "TERM"), List.of("78"))))
                .build();
        RecordFile record = record(job, new State.Requiring(new Life(17, job)));
        assertThat(RecordFile.parse(record.text())).isEqualTo(record);
    }

    @Test
    void whatWasAddedToALifeSinceThisFormatIsKeptToo() throws Exception {
        for (Exit exit : List.of(
                new Exit.Exited(3),
                new Exit.Killed("SEGV", true),
                new Exit.OutOfMemory(new Exit.Killed("KILL")),
                new Exit.Unknown())) {
            Optional<RunEnd> end = Optional.of(new RunEnd(RunResult.FAILED, Optional.of(exit)));
            Failure failure = new Failure(ServiceName.parse("db"), "run exited 3", end.orElseThrow());
            Life life = new Life(17, definition, Optional.of("0123456789abcdef"), end, Optional.of(failure));
            List<State> states = new ArrayList<>(states(life));
            Run run = new Run(18, Script.RUN, 4711, 123_456_789, new TimeLimit(99, Lifecycle.NEVER));
            states.add(new State.Clearing(life, run, new After.Finish(ENDING), false, Signal.STOP, 6));
            states.add(new State.Down(ENDING, false, end));
            for (State state : states) {
                RecordFile record = record(state);
                assertThat(RecordFile.parse(record.text())).isEqualTo(record);
            }
        }
    }

    @Test
    void aDevicesHoldIsReadAsThatAndNotAsOneInItsName() throws Exception {
        List<Owner> owners = List.of(new Owner.Device("wifi", "wlan0"), new Owner.Label("wifi:wlan0"));
        RecordFile record = held("udhcpc@wlan0", owners);
        assertThat(RecordFile.parse(record.text())).isEqualTo(record);
    }

    /** Until format 2 nobody could tell one from the other, and on the device's own instance it counted as the device's. */
    @Test
    void inTheFormatBeforeADevicesNameOnItsInstanceMeansTheDevice() throws Exception {
        Owner inItsName = new Owner.Label("wifi:wlan0");
        Owner device = new Owner.Device("wifi", "wlan0");
        assertThat(readAsBefore("udhcpc@wlan0", inItsName)).isEqualTo(device);
        assertThat(readAsBefore("udhcpc@tty:0", new Owner.Label("usb:tty:0")))
                .isEqualTo(new Owner.Device("usb", "tty:0"));
        assertThat(readAsBefore("udhcpc@wlan1", inItsName)).isEqualTo(inItsName);
        assertThat(readAsBefore("web", inItsName)).isEqualTo(inItsName);
        for (String label : List.of(":wlan0", "my:wifi:wlan0", "wlan0", "operator")) {
            assertThat(readAsBefore("udhcpc@wlan0", new Owner.Label(label))).isEqualTo(new Owner.Label(label));
        }
        assertThat(readAsBefore("udhcpc@wlan0", new Owner.Incarnation(ServiceName.parse("web"), 9)))
                .isEqualTo(new Owner.Incarnation(ServiceName.parse("web"), 9));
    }

    /** The sample was written by the image that first had this format; it is never written anew. */
    @Test
    void ownersInThisFormatStayWhatTheyWere() throws Exception {
        assertThat(RecordFile.parse(Files.readString(SAMPLES.resolve("../3/up.record")))
                        .saved()
                        .holders())
                .containsExactly(
                        new Owner.Label("cron:x"), new Owner.Device("wifi", "wlan0"), new Owner.Label("wifi:wlan0"));
    }

    private static Owner readAsBefore(String service, Owner owner) throws Exception {
        String text = held(service, List.of(owner)).text().replaceFirst("record 4", "record 2");
        Effect.Save read = RecordFile.parse(text).saved();
        assertThat(read.unanswered()).isEqualTo(read.holders());
        return read.holders().getFirst();
    }

    private static RecordFile held(String name, List<Owner> owners) throws Exception {
        ServiceName service = ServiceName.parse(name);
        Definition definition = DefinitionBuilder.of(service, Path.of("/services.d", name), Map.of())
                .build();
        return new RecordFile(
                "boot",
                42,
                ProcessId.NONE,
                new Effect.Save(
                        new Service(
                                service,
                                definition,
                                false,
                                false,
                                1,
                                0,
                                Lifecycle.NEVER,
                                new History(0, List.of()),
                                new State.Up(new Life(17, definition), Optional.empty())),
                        owners,
                        owners));
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
                    .hasMessageContaining("unexpected line: ");
        }
        String unknown = whole.replace("end\n", "saved.service.mood good\nend\n");
        assertThatThrownBy(() -> RecordFile.parse(unknown)).hasMessageContaining("saved.service.mood");
    }

    @Test
    void whatAValueCannotBeIsNamed() throws Exception {
        String whole = record(states().get(4)).text();
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("lastNumber 42", "lastNumber many")))
                .hasMessage("lastNumber: \"many\" is not of type long");
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("saved.service.name all", "saved.service.name ../x")))
                .hasMessage("saved.service.name: \"../x\" is not of type ServiceName");
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("state Up", "state Asleep")))
                .hasMessageStartingWith("saved.service.state: \"Asleep\" is not one of Down, Requiring,");
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("pinned true", "pinned maybe")))
                .hasMessage("saved.service.pinned: \"maybe\" is not of type boolean");
    }

    /** Found by fuzzing: what was in the file went to the journal as it was. */
    @Test
    void whatIsWrongIsSaidOnOneLineForPeople() throws Exception {
        String whole = record(states().get(4)).text();
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("lastNumber 42", "lastNumber 4\0\u001b[2J")))
                .hasMessage("lastNumber: \"4\\x00\\x1b[2J\" is not of type long");
        assertThatThrownBy(() -> RecordFile.parse(whole.replace("end\n", "a\rb\nend\n")))
                .hasMessage("unexpected line: a\\x0db");
    }

    @Test
    void anotherVersionIsToldFromWhatIsNoRecord() throws Exception {
        String whole = record(states().get(4)).text();
        assertThatThrownBy(() -> RecordFile.parse(whole.replaceFirst("record 4", "record 17")))
                .isInstanceOf(RecordFile.OtherVersionException.class)
                .hasMessage("format 17, but this one reads formats 2 to 4");
        for (String first : List.of("", "bellhop-record", "bellhop-record \n", "bellhop-record two\n", "hello\n")) {
            assertThatThrownBy(() -> RecordFile.parse(first))
                    .isInstanceOf(RecordFile.UnreadableRecordException.class)
                    .hasMessage("expected \"bellhop-record 4\" in line 1");
        }
    }

    /** The samples were written by the image that first had this format; they are never written anew. */
    @Test
    void recordsOfTheFirstImageWithThisFormatAreReadAsTheyWereWritten() throws Exception {
        Map<String, Integer> written =
                Map.of("down", 0, "launching", 3, "up", 4, "clearing", 7, "cleaningup", 12, "restarting", 13);
        for (Map.Entry<String, Integer> sample : written.entrySet()) {
            RecordFile record = RecordFile.parse(Files.readString(SAMPLES.resolve(sample.getKey() + ".record")));

            Definition asWritten = record.saved().service().latest();
            State state = states(new Life(17, asWritten)).get(sample.getValue());
            assertThat(record).as(sample.getKey()).isEqualTo(record(asWritten, state));
            assertThat(asWritten)
                    .usingRecursiveComparison()
                    .ignoringFields("directory", "commands", "versions")
                    .isEqualTo(definition);
        }
        assertThat(RecordFile.parse(Files.readString(SAMPLES.resolve("running.record")))
                        .saved()
                        .service()
                        .state())
                .isInstanceOf(State.Up.class);
    }

    /** The samples are what one manager left that was killed, of nine services, each in another state. */
    @Test
    void whatAnEarlierManagerLeftInEachStateIsReadAsItWas() throws Exception {
        Map<String, Function<Definition, State>> states = Map.of(
                "down", definition -> new State.Down(new Ending(Word.FAILED, true, "run exited 3 after 0.1 s"), false),
                "requiring",
                        definition ->
                                new State.Requiring(life(1795913206, definition, "30b4e33911eb90c212bb72f7e45fb200")),
                "preparing",
                        definition -> new State.Preparing(
                                life(1795913203, definition, "00ac3a9db17fd82cd2e82ff4ed8137b4"),
                                run(1795913203, Script.PRE, 32455, 12086281786437L, 15686281786437L)),
                "launching",
                        definition -> new State.Launching(
                                life(1795913222, definition, "3e8b61c2c3b9a71ed5cf485e56da1177"),
                                run(1795913222, Script.RUN, 32475, 12086466377331L, 15686466377331L),
                                false),
                "up",
                        definition -> new State.Up(
                                life(1795913208, definition, "ddcfbe9e6f5947ee976ba89b02d74d1f"),
                                Optional.of(run(1795913208, Script.RUN, 32459, 12086319211891L, Lifecycle.NEVER))),
                "leaving",
                        definition -> new State.Leaving(
                                life(1795913214, definition, "2cd0369e9c23e559e476160587f2069e"),
                                run(1795913214, Script.RUN, 32469, 12086392905697L, Lifecycle.NEVER),
                                false,
                                15686439173301L),
                "clearing",
                        definition -> new State.Clearing(
                                life(1795913218, definition, "f631d5988ee04c37212720cca5f956f7"),
                                run(1795913218, Script.RUN, 32472, 12086447914341L, Lifecycle.NEVER),
                                new After.CleanUp(STOPPED),
                                false,
                                Signal.STOP,
                                12088824919915L),
                "cleaningup",
                        definition -> new State.CleaningUp(
                                life(1795913219, definition, "5f308e50f413ef1b47c363a7534b69b7"),
                                run(1795913227, Script.POST, 32504, 12086659561511L, 15686659561511L),
                                STOPPED,
                                false),
                "restarting",
                        definition -> new State.Restarting(
                                Optional.of(life(1795913229, definition, "785c87fb331bda0dec5b902c326fa290")),
                                new Ending(Word.FAILED, true, "run exited 4 after 0.0 s"),
                                15686699054713L));
        Map<String, List<Owner>> holders = Map.of(
                "preparing",
                        List.of(
                                new Owner.Label("backup"),
                                new Owner.Incarnation(ServiceName.parse("requiring"), 1795913206)),
                "up",
                        List.of(
                                new Owner.Label("cron:daily"),
                                new Owner.Label("launching"),
                                Owner.OPERATOR,
                                Owner.OPERATOR,
                                new Owner.Device("wifi", "wlan0")),
                "clearing", List.of(new Owner.Label("web")));
        Set<Class<?>> all = Set.of(State.class.getPermittedSubclasses());
        assertThat(states.values().stream()
                        .<Class<?>>map(of -> of.apply(definition).getClass()))
                .hasSameElementsAs(all);
        for (Map.Entry<String, Function<Definition, State>> sample : states.entrySet()) {
            String name = sample.getKey();
            Effect.Save saved = RecordFile.parse(
                            Files.readString(SAMPLES.resolve("one-manager").resolve(name + ".record")))
                    .saved();

            Service service = saved.service();
            Definition asRead = service.latest();
            assertThat(asRead.directory()).isEqualTo(Path.of("/etc/bellhop/services.d", name));
            assertThat(service.state()).as(name).isEqualTo(sample.getValue().apply(asRead));
            assertThat(service.heldDown()).as(name).isEqualTo(name.equals("clearing"));
            assertThat(service.pinned())
                    .as(name)
                    .isEqualTo(Set.of("down", "requiring", "launching", "leaving", "restarting")
                            .contains(name));
            assertThat(saved.holders()).as(name).isEqualTo(holders.getOrDefault(name, List.of()));
            assertThat(saved.unanswered())
                    .as(name)
                    .isEqualTo(name.equals("preparing") ? List.of(new Owner.Label("backup")) : List.of());
        }
    }

    private static Life life(long incarnation, Definition definition, String secret) {
        return new Life(incarnation, definition, Optional.of(secret));
    }

    private static Run run(long launch, Script script, int pid, long since, long deadline) {
        return new Run(launch, script, pid, since, new TimeLimit(deadline, Lifecycle.NEVER));
    }
}
