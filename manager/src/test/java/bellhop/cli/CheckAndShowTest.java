package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.Self;
import bellhop.manager.ManagerProcess;
import bellhop.trigger.PluginMaker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies {@code bh check} and {@code bh show}, asked of files alone and of a manager that runs. */
@Timeout(120)
class CheckAndShowTest {
    private static final String SECRET = "s3cret-in-a-file";

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private String yaml(String service) {
        return manager.services().resolve(service).resolve("service.yaml").toString();
    }

    /** Runs {@code bh} in the folder of the services. */
    private Outcome inServices(String words) throws Exception {
        return manager.run(
                "/bin/sh", "-c", "cd " + manager.services() + " && exec " + manager.root() + "/bin/bh " + words);
    }

    @Test
    void noRequestNamesAFile() throws Exception {
        manager.yaml("web", "command: sleep 1000").start();

        for (String[] words : new String[][] {
            {"check", "/etc"},
            {"check", ".."},
            {"check", "--services", "/etc"},
            {"check", "--services=/etc", "web"},
            {"show", "--services=" + manager.services(), "web"},
            {"import", "web.service"}
        }) {
            assertThat(manager.ask(words))
                    .isEqualTo(new Outcome(
                            LocalCommands.USAGE,
                            "",
                            "bh-" + words[0]
                                    + ": a request cannot name a file or directory; expected names of services\n"));
        }
        manager.ask("show", "web").succeeds();
    }

    /** Asks without a manager and with one; both are to say the same. */
    private Outcome bothWays(String words) throws Exception {
        Outcome without = inServices(words);
        manager.start();
        assertThat(inServices(words)).isEqualTo(without);
        manager.stop();
        return without;
    }

    @Test
    void whatIsWellIsSilent() throws Exception {
        manager.script("good", "run", "exec sleep 1000")
                .yaml("other", "command: sleep 1000", "requires: [good]")
                .yaml("tty", "command: 'sleep {target}'");
        for (String words : List.of("check", "check .", "check good other tty@3", "check ./other ../services/tty")) {
            inServices(words).isSilent(LocalCommands.OK);
        }
        manager.start();
        for (String words : List.of("check", "check .", "check good other tty@3", "check ./other ../services/tty")) {
            inServices(words).isSilent(LocalCommands.OK);
        }
        manager.ask("check").isSilent(LocalCommands.OK);
    }

    private void wifi(String jar) throws Exception {
        new PluginMaker(Files.createDirectories(manager.root().resolve("made")))
                .jarOf(manager.root().resolve(jar), "wifi");
    }

    @Test
    void whatServicesSayToPluginsIsCheckedByThePlugins() throws Exception {
        wifi("plugins/wifi.jar");
        manager.yaml("a", "command: sleep 1", "triggers: {wfi: {}}")
                .yaml("b", "command: sleep 1", "triggers:", "  wifi:", "    interfacs: x")
                .yaml("c", "command: sleep 1", "triggers:", "  wifi: {driver: [ath9k, 'rtl[']}")
                .yaml("d", "command: sleep 1", "triggers:", "  wifi: {interval: 1us}")
                .yaml("e", "command: sleep 1", "triggers:", "  wifi: {settle: 9999999h}")
                .yaml("f", "command: /no/such/program", "triggers: {wifi: {exclud: x}}")
                .yaml("good", "command: sleep 1", "triggers: {wifi: {interfaces: 'wlan*', settle: 2s}}")
                .yaml("plain", "command: sleep 1", "triggers: {wifi: }");

        Outcome all = bothWays("check");

        assertThat(all.status()).isEqualTo(LocalCommands.FAILED);
        assertThat(all.err()).isEmpty();
        assertThat(all.out().lines())
                .containsExactlyInAnyOrder(
                        yaml("a") + ":2:17: triggers: wfi: there is no such plugin; expected one of wifi; did you mean"
                                + " \"wifi\"?",
                        yaml("b") + ":4:5: triggers: wifi: interfacs: unknown key; did you mean \"interfaces\"?",
                        yaml("c") + ":3:26: triggers: wifi: driver: \"rtl[\" is not a pattern: its [ has no ]",
                        yaml("d") + ":3:20: triggers: wifi: interval: expected 10ms or longer",
                        yaml("e") + ":3:18: triggers: wifi: settle: \"9999999h\" is too long; expected at most 100000h",
                        yaml("f") + ":1:10: command: \"/no/such/program\": no such program; expected one that exists",
                        yaml("f") + ":2:19: triggers: wifi: exclud: unknown key; did you mean \"exclude\"?");
        JsonNode json = new ObjectMapper().readTree(inServices("check --json b").out());
        assertThat(json.get(0).get("file").asText()).isEqualTo(yaml("b"));
        assertThat(json.get(0).get("line").asInt()).isEqualTo(4);
        assertThat(json.get(0).get("key").asText()).isEqualTo("triggers");
        inServices("check good plain ./good").isSilent(LocalCommands.OK);
    }

    @Test
    void folderOfPluginsIsNamedAsForARun() throws Exception {
        wifi("more/wifi.jar");
        manager.yaml("card", "command: sleep 1", "triggers: {wifi: {interfaces: 'wlan*'}}");
        String more = manager.root().resolve("more").toString();

        assertThat(inServices("check card").out())
                .isEqualTo(yaml("card") + ":2:18: triggers: wifi: there is no such plugin; expected one in plugins/\n");
        inServices("check --plugins " + more + " card").isSilent(LocalCommands.OK);
        inServices("check --plugins=" + more + " .").isSilent(LocalCommands.OK);
        manager.start("--plugins", more);
        inServices("check card").isSilent(LocalCommands.OK);
        inServices("check --plugins " + more + " card").isSilent(LocalCommands.OK);
        assertThat(manager.ask("check", "--plugins", more).status()).isEqualTo(LocalCommands.USAGE);
    }

    @Test
    void jarThatIsNoPluginIsToldAndTheCheckGoesOn() throws Exception {
        Files.writeString(
                Files.createDirectory(manager.root().resolve("plugins")).resolve("broken.jar"), "no jar");
        manager.yaml("card", "command: sleep 1", "triggers: {wifi: {}}").yaml("plain", "command: sleep 1");

        Outcome outcome = inServices("check");

        assertThat(outcome.out()).startsWith(yaml("card") + ":2:18: triggers: wifi: there is no such plugin");
        assertThat(outcome.err()).contains("bh-check: plugin ", "broken.jar is left out: not a jar, or damaged");
        inServices("check plain").isSilent(LocalCommands.OK);
    }

    @Test
    void servicesThatBellhopBringsAreSilentWithItsPlugins() throws Exception {
        wifi("plugins/wifi.jar");
        new PluginMaker(manager.root().resolve("made")).jarOf(manager.root().resolve("plugins/x-getty.jar"), "getty");
        String services =
                Path.of("..", "services.d").toAbsolutePath().normalize().toString();

        manager.run("bh", "check", "--services", services).isSilent(LocalCommands.OK);
    }

    @Test
    void allProblemsAreToldAtOnce() throws Exception {
        manager.yaml("a", "command: sleep 1000", "requires: [b]")
                .yaml("b", "command: sleep 1000", "requires: [c]")
                .yaml("c", "command: sleep 1000", "requires: [a, nothing]")
                .yaml("d", "command: no-such-program", "restart: alway", "nice: 100")
                .yaml("e", "command: /no/such/program", "user: nosuchuser");

        Outcome all = bothWays("check");

        assertThat(all.status()).isEqualTo(LocalCommands.FAILED);
        assertThat(all.err()).isEmpty();
        assertThat(all.out().lines())
                .containsExactlyInAnyOrder(
                        yaml("c")
                                + ":2:12: requires: circular requirements: a requires b, b requires c,"
                                + " c requires a; remove one of them",
                        yaml("c") + ":2:15: requires: no such service: nothing (looked in " + manager.services() + ")",
                        yaml("d") + ":2:10: restart: \"alway\" is not one of always, on-failure, no; did you mean"
                                + " \"always\"?",
                        yaml("d") + ":3:7: nice: 100; expected a number from -20 to 19",
                        yaml("e") + ":1:10: command: \"/no/such/program\": no such program; expected one that"
                                + " exists",
                        yaml("e") + ":2:7: user: \"nosuchuser\": no such user; make it, or name another");
        assertThat(inServices("check ./d").out().lines()).hasSize(2);
        assertThat(inServices("check e").out().lines()).hasSize(2);
        assertThat(inServices("check . ").out()).hasSameSizeAs(all.out());
        assertThat(inServices("check ./gone"))
                .isEqualTo(new Outcome(
                        LocalCommands.FAILED, manager.services().resolve("gone") + ": no such directory\n", ""));
    }

    @Test
    void jsonHasAFieldForEachPart() throws Exception {
        manager.yaml("d", "command: sleep 1000", "nice: 100").yaml("e", "description: nothing to run");

        JsonNode problems = new ObjectMapper().readTree(bothWays("check --json").out());

        assertThat(problems).hasSize(2);
        assertThat(problems.get(0).toString())
                .isEqualTo("{\"file\":\"" + yaml("d") + "\",\"line\":2,\"column\":7,\"key\":\"nice\",\"message\":"
                        + "\"100; expected a number from -20 to 19\"}");
        assertThat(problems.get(1).get("line").isNull()).isTrue();
        assertThat(inServices("check --json d e").status()).isEqualTo(LocalCommands.FAILED);
        Files.delete(Path.of(yaml("d")));
        Files.delete(Path.of(yaml("e")));
        manager.script("d", "run", "exit").script("e", "run", "exit");
        assertThat(inServices("check --json")).isEqualTo(new Outcome(LocalCommands.OK, "[]\n", ""));
    }

    @Test
    void toolsAreFoundInTheUsualPlacesWhateverPathSays() throws Exception {
        assumeTrue(!Files.exists(Path.of("/usr/local/bin/prlimit")), "SKIPPED: the tools are in two places here");
        manager.yaml("web", "command: /bin/sleep 1000", "ulimits: {nofile: 100}");
        inServices("check").isSilent(LocalCommands.OK);

        // The usual places are looked at whatever PATH says.
        manager.with("PATH", "/nowhere");
        manager.run(manager.root() + "/bin/bh", "check").isSilent(LocalCommands.OK);
    }

    @Test
    void whatIsInAFileOfVariablesIsShownNowhere() throws Exception {
        Path vars = manager.services().resolve("web/vars");
        manager.yaml("web", "command: sh -c 'test -n \"$TOKEN\" && exec sleep 1000'", "env_file: vars");
        Files.writeString(vars, "TOKEN=" + SECRET + "\n");
        List<String> said = new ArrayList<>();
        said.add(inServices("check").toString());
        said.add(inServices("show web").toString());
        manager.start();
        said.add(manager.ask("start", "web").succeeds().toString());
        for (String words : List.of("check", "check --json", "show web", "show --json web", "status --json web")) {
            said.add(inServices(words).toString());
        }

        Files.writeString(vars, "TOKEN=\"" + SECRET + "\n");
        for (String words : List.of("check", "check --json", "show web", "restart web", "start web")) {
            said.add(inServices(words).toString());
        }
        assertThat(said.getLast()).contains(vars.toString());
        said.add(manager.said());
        try (Stream<Path> logs = Files.walk(manager.root())) {
            for (Path log : logs.filter(file -> Files.isRegularFile(file) && !file.equals(vars))
                    .toList()) {
                said.add(Files.readString(log, StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(said).noneMatch(text -> text.contains(SECRET));
    }

    @Test
    void showSaysWhereEachValueComesFrom() throws Exception {
        manager.yaml("web", "command: [sleep, \"1000\"]", "restart: no", "healthcheck: {test: \"true\"}");

        List<String> lines = bothWays("show web").out().lines().toList();

        assertThat(lines)
                .startsWith("# web, " + manager.services().resolve("web"))
                .contains(
                        "restart: no  # " + yaml("web") + ":2:10",
                        "healthcheck.interval: 30s  # default",
                        "stop_signal: SIGTERM  # default",
                        "# run is executed as: sleep 1000");
        JsonNode json =
                new ObjectMapper().readTree(inServices("show --json web").out());
        assertThat(json.get("commandLines").get("run")).map(JsonNode::asText).containsExactly("sleep", "1000");
        assertThat(json.get("keys"))
                .filteredOn(key -> key.get("key").asText().equals("restart"))
                .singleElement()
                .satisfies(key -> assertThat(key.get("line").asInt()).isEqualTo(2));
        assertThat(inServices("show gone").status()).isEqualTo(LocalCommands.FAILED);
    }

    @Test
    void commandLineThatIsShownHasTheEffectByHand() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can run as another");
        manager.yaml(
                "web",
                "command: [sh, -c, 'id -un; ulimit -n; nice; umask; cat /proc/self/oom_score_adj']",
                "user: nobody",
                "ulimits: {nofile: 77}",
                "nice: 3",
                "umask: \"027\"",
                "oom_score_adj: 55");
        String shown = inServices("show web").out();
        String line = shown.lines()
                .filter(it -> it.startsWith("# run is executed as: "))
                .findFirst()
                .orElseThrow()
                .substring("# run is executed as: ".length());

        assertThat(manager.run("/bin/sh", "-c", line)).isEqualTo(new Outcome(0, "nobody\n77\n3\n0027\n55\n", ""));
    }
}
