package bellhop.engine.process;

import static bellhop.engine.LiveEngine.answer;
import static bellhop.engine.LiveEngine.succeeds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.DefinitionBuilder;
import bellhop.ServiceWriter;
import bellhop.core.Life;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.definition.KillMode;
import bellhop.definition.ProcessSettings;
import bellhop.definition.ProcessSettings.Ulimit;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.Stop;
import bellhop.engine.EngineTest;
import bellhop.engine.LiveEngine;
import bellhop.linux.Accounts;
import bellhop.linux.Fd;
import bellhop.linux.Self;
import bellhop.linux.Signals;
import bellhop.linux.Spawn;
import bellhop.linux.Wait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies what each setting does to a real process, as the process itself sees it. */
final class ScriptCommandTest {

    private static final List<String> TEXT_OF_STATUS =
            List.of("grep -E '^(Uid|Gid|Groups|Cap|NoNew)' /proc/self/status");

    @TempDir
    Path home;

    private LiveEngine engine;
    private Path out;

    @BeforeEach
    void startEngine() throws Exception {
        out = Files.createDirectory(home.resolve("out"));
        for (Path folder : List.of(home, out)) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        engine = new LiveEngine(home);
    }

    @AfterEach
    void stopEngine() throws Exception {
        engine.close();
    }

    /** Process settings in the making. */
    private static final class Draft {
        Optional<Path> workingDir = Optional.empty();
        OptionalInt umask = OptionalInt.empty();
        Optional<String> user = Optional.empty();
        Optional<String> group = Optional.empty();
        List<String> groupAdd = List.of();
        final SequencedMap<String, Ulimit> ulimits = new LinkedHashMap<>();
        OptionalInt nice = OptionalInt.empty();
        OptionalInt oomScoreAdj = OptionalInt.empty();
        List<String> capDrop = List.of();
        boolean noNewPrivileges;

        ProcessSettings settings() {
            return new ProcessSettings(
                    workingDir, umask, user, group, groupAdd, ulimits, nice, oomScoreAdj, capDrop, noNewPrivileges);
        }
    }

    private static ProcessSettings process(Consumer<Draft> change) {
        Draft draft = new Draft();
        change.accept(draft);
        return draft.settings();
    }

    /** What {@code run} prints under these settings. */
    private List<String> printed(Consumer<Draft> change, String... lines) throws Exception {
        return printed(builder -> builder.process(process(change)), List.of(lines));
    }

    private List<String> printed(UnaryOperator<DefinitionBuilder> change, List<String> lines) throws Exception {
        Path file = out.resolve("printed");
        Files.deleteIfExists(file);
        engine.restart("a", RestartPolicy.NO)
                .define("a", change)
                .script("a", Script.RUN, "{", String.join("\n", lines), "} > " + file);
        succeeds(engine.start("a"));
        engine.await("a", s -> s.word() == Word.FINISHED || s.word() == Word.FAILED);
        assertThat(engine.service("a").word()).isEqualTo(Word.FINISHED);
        succeeds(engine.stop("a"));
        return Files.readAllLines(file);
    }

    private static String failure(LiveEngine.Answer answer) {
        return answer.failures().getFirst();
    }

    private static void needsRoot() {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can run a service as somebody else");
    }

    @Test
    void userHasHisOwnGroupsAndHome() throws Exception {
        needsRoot();
        Accounts.Account nobody = Accounts.user("nobody").orElseThrow();
        assertThat(printed(
                        d -> d.user = Optional.of("nobody"), "id -u; id -g; id -G; echo $HOME $USER $LOGNAME $SHELL"))
                .containsExactly(
                        Integer.toString(nobody.uid()),
                        Integer.toString(nobody.gid()),
                        Integer.toString(nobody.gid()),
                        nobody.home() + " nobody nobody " + nobody.shell());
    }

    @Test
    void numberWithoutANameNeedsAGroup() throws Exception {
        needsRoot();
        assertThat(printed(
                        d -> {
                            d.user = Optional.of("4711");
                            d.group = Optional.of("4712");
                        },
                        "id -u; id -g; id -G; echo $HOME ${USER-none}"))
                .containsExactly("4711", "4712", "4712", "/ none");
        engine.define("b", builder -> builder.process(process(d -> d.user = Optional.of("4711"))))
                .script("b", Script.RUN, "exit 0");
        assertThat(failure(answer(engine.start("b"))))
                .isEqualTo("b: run could not be run: user: uid 4711 is not in the list of users, so its group is"
                        + " unknown; expected group as well (log: bh logs b)");
    }

    @Test
    void groupAloneLeavesTheUser() throws Exception {
        needsRoot();
        assertThat(printed(d -> d.group = Optional.of("daemon"), "id -u; id -g"))
                .containsExactly("0", "1");
    }

    @Test
    void groupsAreAddedToThoseOfTheUser() throws Exception {
        needsRoot();
        assertThat(printed(
                        d -> {
                            d.user = Optional.of("nobody");
                            d.groupAdd = List.of("daemon", "4713");
                        },
                        TEXT_OF_STATUS.getFirst()))
                .contains("Groups:\t1 4713 65534 ");
        assertThat(printed(d -> d.groupAdd = List.of("daemon"), "id -G")
                        .getFirst()
                        .split(" "))
                .contains("1");
    }

    @Test
    void directoryUmaskLimitsAndPriorities() throws Exception {
        assertThat(printed(
                        d -> {
                            d.workingDir = Optional.of(out);
                            d.umask = OptionalInt.of(0027);
                            d.ulimits.put("nofile", new Ulimit(100, 200));
                            d.ulimits.put("core", new Ulimit(0, 0));
                            d.nice = OptionalInt.of(5);
                            d.oomScoreAdj = OptionalInt.of(300);
                        },
                        "pwd; umask; ulimit -Sn; ulimit -Hn; nice; cat /proc/self/oom_score_adj",
                        "grep 'core file' /proc/self/limits"))
                .containsExactly(
                        out.toString(),
                        "0027",
                        "100",
                        "200",
                        "5",
                        "300",
                        "Max core file size        0                    0                    bytes     ");
    }

    @Test
    void unlimitedIsALimitToo() throws Exception {
        needsRoot();
        assertThat(printed(d -> d.ulimits.put("fsize", new Ulimit(Ulimit.UNLIMITED, Ulimit.UNLIMITED)), "ulimit -f"))
                .containsExactly("unlimited");
    }

    @Test
    void capabilitiesAreDroppedForGood() throws Exception {
        needsRoot();
        List<String> all = printed(d -> {}, TEXT_OF_STATUS.getFirst());
        List<String> less = printed(d -> d.capDrop = List.of("net_raw", "chown"), TEXT_OF_STATUS.getFirst());
        long gone = 1L << 13 | 1;
        assertThat(caps(less, "CapBnd")).isEqualTo(caps(all, "CapBnd") & ~gone);
        assertThat(caps(less, "CapEff")).isEqualTo(caps(all, "CapEff") & ~gone);
        List<String> none = printed(d -> d.capDrop = List.of("all"), TEXT_OF_STATUS.getFirst());
        assertThat(caps(none, "CapBnd")).isZero();
        assertThat(caps(none, "CapEff")).isZero();
        assertThat(caps(
                        printed(
                                d -> {
                                    d.user = Optional.of("nobody");
                                    d.capDrop = List.of("all");
                                },
                                TEXT_OF_STATUS.getFirst()),
                        "CapBnd"))
                .isZero();
    }

    private static long caps(List<String> status, String name) {
        String line =
                status.stream().filter(l -> l.startsWith(name)).findFirst().orElseThrow();
        return Long.parseUnsignedLong(line.substring(name.length() + 1).strip(), 16);
    }

    @Test
    void noNewPrivilegesNeedsNoRights() throws Exception {
        assertThat(printed(d -> d.noNewPrivileges = true, TEXT_OF_STATUS.getFirst()))
                .contains("NoNewPrivs:\t1");
        assertThat(printed(d -> {}, TEXT_OF_STATUS.getFirst())).contains("NoNewPrivs:\t0");
    }

    @Test
    void preAndPostHaveTheRightsOfTheManagerAndTheEnvironmentOfTheService() throws Exception {
        String own = printed(d -> {}, "ulimit -n").getFirst();
        Path file = out.resolve("said");
        String say = "echo \"${0##*/} $(ulimit -n) $COLOR $PWD\" >> " + file;
        engine.restart("a", RestartPolicy.NO)
                .script("a", Script.PRE, say)
                .script("a", Script.RUN, say)
                .script("a", Script.POST, say)
                .define(
                        "a",
                        builder -> builder.process(process(d -> {
                                    d.ulimits.put("nofile", new Ulimit(99, 99));
                                    d.workingDir = Optional.of(out);
                                }))
                                .environment(new EnvironmentSettings(Map.of("COLOR", "blue"), List.of())));
        succeeds(engine.start("a"));
        engine.await("a", Word.FINISHED);
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "pre " + own + " blue " + engine.directory("a"),
                        "run 99 blue " + out,
                        "post " + own + " blue " + engine.directory("a"));
    }

    @Test
    void environmentWinsOverTheUsersAndBellhopsMarksOverEverything() throws Exception {
        needsRoot();
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("HOME", "/srv");
        variables.put("TEXT", "a = b\n c");
        variables.put("EMPTY", "");
        variables.put("BELLHOP_SERVICE", "other");
        variables.put("PATH", "/usr/bin:/bin");
        assertThat(printed(
                        builder -> builder.process(process(d -> d.user = Optional.of("nobody")))
                                .environment(new EnvironmentSettings(variables, List.of())),
                        List.of("echo \"$HOME $USER $TEXT/${EMPTY-none} $BELLHOP_SERVICE $PATH\"")))
                .containsExactly("/srv nobody a = b", " c/ a /usr/bin:/bin");
    }

    @Test
    void filesAreReadAtEachLaunchAndTheirValuesAreNeverTold() throws Exception {
        Path file = Files.writeString(home.resolve("env"), "COLOR=green\nTASTE=sweet\n");
        UnaryOperator<DefinitionBuilder> change = builder -> builder.environment(new EnvironmentSettings(
                Map.of("TASTE", "sour"),
                List.of(
                        new EnvironmentSettings.File(file, true),
                        new EnvironmentSettings.File(home.resolve("none"), false))));
        assertThat(printed(change, List.of("echo $COLOR $TASTE"))).containsExactly("green sour");
        Files.writeString(file, "COLOR=red\n");
        assertThat(printed(change, List.of("echo $COLOR $TASTE"))).containsExactly("red sour");

        for (String secret : List.of("s3cr3t", "COLOR=\"s3cr3t", "COLOR=s3cr3t\0", "COLOR='x' s3cr3t")) {
            Files.writeString(file, secret);
            assertThat(failure(answer(engine.start("a"))))
                    .startsWith("a: run could not be run: env_file: " + file + ":")
                    .doesNotContain("s3cr3t")
                    .doesNotContain("\n");
        }
        Files.delete(file);
        assertThat(failure(answer(engine.start("a"))))
                .startsWith("a: run could not be run: env_file: " + file + ": no such file");
        Files.writeString(file, "COLOR=s3cr3t\n");
        Files.writeString(engine.directory("a").resolve("run"), "not a program");
        assertThat(failure(answer(engine.start("a")))).contains("executing").doesNotContain("s3cr3t");
        assertThat(engine.warnings).noneMatch(line -> line.contains("s3cr3t"));
    }

    @Test
    void programIsFoundInTheServicesPathAndItsToolsAreNot() throws Exception {
        Path bin = Files.createDirectory(home.resolve("bin"));
        for (String name : List.of("nice", "sh", "prog")) {
            ServiceWriter.write(
                    bin.resolve(name), true, ServiceWriter.shell("echo its own " + name + " > " + out + "/ran"));
        }
        Files.createDirectories(engine.directory("a"));
        engine.restart("a", RestartPolicy.NO)
                .define(
                        "a",
                        builder -> builder.command(Script.RUN, List.of("prog"))
                                .process(process(d -> {
                                    d.nice = OptionalInt.of(1);
                                    d.umask = OptionalInt.of(0022);
                                }))
                                .environment(
                                        new EnvironmentSettings(Map.of("PATH", bin + ":/usr/bin:/bin"), List.of())));
        succeeds(engine.start("a"));
        engine.await("a", Word.FINISHED);
        assertThat(out.resolve("ran")).hasContent("its own prog\n");
    }

    @Test
    void missingProgramIsToldAsWithoutSettings() throws Exception {
        for (String program : List.of("nosuch", "/nonexistent/nosuch")) {
            Files.createDirectories(engine.directory("a"));
            engine.restart("a", RestartPolicy.NO)
                    .define(
                            "a",
                            builder -> builder.command(Script.RUN, List.of(program))
                                    .process(process(d -> d.nice = OptionalInt.of(1))));
            assertThat(failure(answer(engine.start("a"))))
                    .isEqualTo("a: run could not be run: executing " + program
                            + ": No such file or directory (ENOENT) (log: bh logs a)");
        }
    }

    @Test
    void missingDirectoryAndUnknownPeopleAreNamed() throws Exception {
        needsRoot();
        assertThat(refusal(d -> d.workingDir = Optional.of(Path.of("/nonexistent"))))
                .contains("changing directory to /nonexistent: No such file or directory (ENOENT)");
        assertThat(refusal(d -> d.user = Optional.of("nobdy"))).contains("user: there is no user nobdy");
        assertThat(refusal(d -> d.group = Optional.of("nogrp"))).contains("group: there is no group nogrp");
        assertThat(refusal(d -> d.groupAdd = List.of("nogrp"))).contains("group_add: there is no group nogrp");
    }

    private String refusal(Consumer<Draft> change) throws Exception {
        engine.restart("a", RestartPolicy.NO)
                .script("a", Script.RUN, "exit 0")
                .define("a", builder -> builder.process(process(change)));
        return failure(answer(engine.start("a")));
    }

    @Test
    void commandLineIsWhatIsRun() throws Exception {
        needsRoot();
        Definition definition = DefinitionBuilder.of(
                        LiveEngine.name("a"),
                        home,
                        Map.of(Script.RUN, List.of("prog", "x y"), Script.PRE, List.of("pre")))
                .process(process(d -> {
                    d.umask = OptionalInt.of(022);
                    d.nice = OptionalInt.of(-5);
                    d.oomScoreAdj = OptionalInt.of(10);
                    d.ulimits.put("nofile", new Ulimit(100, Ulimit.UNLIMITED));
                    d.user = Optional.of("nobody");
                    d.group = Optional.of("daemon");
                    d.capDrop = List.of("chown", "net_raw");
                    d.noNewPrivileges = true;
                }))
                .build();
        List<String> words = ScriptCommand.commandLine(definition, Script.RUN).stream()
                .map(word -> word.replaceFirst("^/.*/(sh|nice|choom|prlimit|setpriv)$", "TOOL $1"))
                .toList();
        assertThat(words)
                .containsExactly(
                        "TOOL sh",
                        "-c",
                        "umask 022 && exec \"$@\"",
                        "sh",
                        "TOOL nice",
                        "-n",
                        "-5",
                        "TOOL choom",
                        "-n",
                        "10",
                        "--",
                        "TOOL prlimit",
                        "--nofile=100:unlimited",
                        "--",
                        "TOOL setpriv",
                        "--reuid=65534",
                        "--regid=1",
                        "--init-groups",
                        "--bounding-set=-chown,-net_raw",
                        "--inh-caps=-chown,-net_raw",
                        "--no-new-privs",
                        "--",
                        "prog",
                        "x y");
        assertThat(ScriptCommand.commandLine(definition, Script.PRE)).containsExactly("pre");
    }

    @Test
    void oneselfIsNobodyElse() throws Exception {
        Definition definition = DefinitionBuilder.of(LiveEngine.name("a"), home, Map.of(Script.RUN, List.of("prog")))
                .process(process(d -> d.user = Optional.of(Integer.toString(Self.euid()))))
                .build();
        assertThat(ScriptCommand.commandLine(definition, Script.RUN)).containsExactly("prog");
    }

    @Test
    void probeRunsAsRunDoes() throws Exception {
        needsRoot();
        Definition definition = DefinitionBuilder.of(LiveEngine.name("a"), home, Map.of(Script.RUN, List.of("prog")))
                .process(process(d -> {
                    d.user = Optional.of("nobody");
                    d.workingDir = Optional.of(out);
                }))
                .environment(new EnvironmentSettings(Map.of("COLOR", "blue"), List.of()))
                .build();
        ScriptCommand scriptCommand = new ScriptCommand(
                ScriptEnvironment.ofManager(
                        List.of("PATH=/usr/bin:/bin"), Path.of("/nonexistent/bin"), home, service -> Map.of()),
                new Cgroups(line -> {}));
        int fd = Fd.open(out.resolve("probed"), Fd.O_WRONLY | Fd.O_CREAT, 0644);
        try {
            List<String> test = List.of("sh", "-c", "id -un; pwd; echo $COLOR $BELLHOP_INCARNATION");
            Wait.reapPid(
                    Spawn.start(scriptCommand.probe(new Life(17, definition), test, "BELLHOP_LAUNCH=probe", fd, fd)));
        } finally {
            Fd.close(fd);
        }
        assertThat(out.resolve("probed")).hasContent("nobody\n" + out + "\nblue 17\n");
    }

    @Test
    void stopSignalIsTheOneOfTheDefinition() throws Exception {
        Path said = out.resolve("said");
        engine.define("a", builder -> builder.stop(new Stop(Signals.USR1, Duration.ofSeconds(2), KillMode.ALL)))
                .script(
                        "a",
                        Script.RUN,
                        "trap 'echo USR1 > " + said + "; exit 0' USR1",
                        "trap 'echo TERM > " + said + "; exit 0' TERM",
                        "touch ready",
                        "while :; do sleep 1000 & wait; done");
        succeeds(engine.start("a"));
        EngineTest.awaitFile(engine.directory("a").resolve("ready"));
        succeeds(engine.stop("a"));
        assertThat(said).hasContent("USR1\n");
    }
}
