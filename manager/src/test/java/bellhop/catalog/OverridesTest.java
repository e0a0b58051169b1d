package bellhop.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.definition.Definition;
import bellhop.definition.InvalidNameException;
import bellhop.definition.LogSettings;
import bellhop.definition.Ready;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.linux.Self;
import bellhop.linux.Signals;
import bellhop.yaml.Explanation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies how an {@code override.yaml} is merged over what it overrides, and what is said of mistakes in it. */
class OverridesTest {

    @TempDir
    Path temp;

    private Folder own;
    private Folder vendor;
    private ServiceDirectories services;

    @BeforeEach
    void makeFolders() {
        own = Folder.in(temp, "etc");
        vendor = Folder.in(temp, "lib");
        services = ServiceDirectories.named(List.of(own.path(), vendor.path()));
    }

    private void override(String name, String text) {
        own.write(name + "/override.yaml", false, text);
    }

    private Finding find(String name) throws InvalidNameException {
        return services.find(ServiceName.parse(name));
    }

    private Definition usable(String name) throws InvalidNameException {
        Finding finding = find(name);
        assertThat(finding.whyNot()).isEmpty();
        return finding.usable().orElseThrow();
    }

    private List<String> problems(String name) throws InvalidNameException {
        return new ServiceReader(services)
                .check(List.of(ServiceName.parse(name))).stream()
                        .map(problem -> problem.toString().replace(temp + "/", ""))
                        .toList();
    }

    @Test
    void overlayChangesOneKeyAndLeavesTheRestToTheVendor() throws Exception {
        vendor.service("web").yaml("web", "restart: no\nstop_grace_period: 20s");
        override("web", "stop_grace_period: 3s\n");

        Definition web = usable("web");

        assertThat(web.directory()).isEqualTo(vendor.path().resolve("web"));
        assertThat(web.commands().get(Script.RUN))
                .first()
                .isEqualTo(vendor.path().resolve("web/run").toString());
        assertThat(web.stop().gracePeriod()).isEqualTo(Duration.ofSeconds(3));
        assertThat(web.restart().policy()).isEqualTo(RestartPolicy.NO);
        assertThat(web.overrides()).contains(List.of(own.path().resolve("web/override.yaml")));
    }

    @Test
    void serviceWithoutYamlCanBeOverriddenToo() throws Exception {
        vendor.service("web");
        override("web", "restart: on-failure\n");

        assertThat(usable("web").restart().policy()).isEqualTo(RestartPolicy.ON_FAILURE);
    }

    @Test
    void variablesAreMergedInEitherForm() throws Exception {
        vendor.service("list").yaml("list", "environment: [A=1, 'B=x y=z', PATH]");
        override("list", "environment: {A: 9, C: 3}\n");
        vendor.service("map").yaml("map", "environment: {A: 1, B: 2}");
        override("map", "environment: [B=7]\n");
        vendor.service("names").yaml("names", "environment: {A: 1}");
        override("names", "environment: [PATH]\n");

        assertThat(usable("list").environment().variables())
                .containsEntry("A", "9")
                .containsEntry("B", "x y=z")
                .containsEntry("C", "3")
                .containsKey("PATH");
        assertThat(usable("map").environment().variables()).containsExactly(Map.entry("A", "1"), Map.entry("B", "7"));
        assertThat(usable("names").environment().variables()).containsOnlyKeys("PATH");
    }

    @Test
    void mappingsAreMergedKeyByKeyAtEachDepth() throws Exception {
        vendor.service("web").yaml("web", """
                        environment: {A: "1", B: "2"}
                        log: {max_size: 2MiB, keep: 9}
                        timeouts: {pre: 1s, post: 2s}
                        ulimits: {nofile: 100, nproc: 5}
                        triggers: {usb: {driver: [a], nested: {x: 1, y: 2}}}
                        """);
        override("web", """
                environment: {B: "3", C: "4"}
                log: {keep: 1}
                timeouts: {post: 7s}
                ulimits: {nofile: {soft: 7, hard: 8}}
                triggers: {usb: {nested: {y: 3}}}
                """);

        Definition web = usable("web@x");

        assertThat(web.environment().variables())
                .containsExactly(Map.entry("A", "1"), Map.entry("B", "3"), Map.entry("C", "4"));
        LogSettings log = web.log();
        assertThat(log.maxSize()).isEqualTo(2L << 20);
        assertThat(log.keep()).isEqualTo(1);
        assertThat(web.timeouts())
                .containsEntry(Script.PRE, Duration.ofSeconds(1))
                .containsEntry(Script.POST, Duration.ofSeconds(7));
        assertThat(web.process().ulimits())
                .hasToString("{nofile=Ulimit[soft=7, hard=8], nproc=Ulimit[soft=5, hard=5]}");
        assertThat(web.triggers().toString())
                .contains("text=a", "text=1", "text=3")
                .doesNotContain("text=2");
    }

    @Test
    void listsAndScalarsAreReplacedWhole() throws Exception {
        vendor.service("a").service("b").service("web").yaml("web", "requires: [a]\nnice: 3");
        override("web", "requires: [b]\nnice: 4\n");

        Definition web = usable("web");

        assertThat(web.requires()).extracting(ServiceName::toString).containsExactly("b");
        assertThat(web.process().nice()).hasValue(4);
    }

    @Test
    void nullTakesAKeyBackToItsDefault() throws Exception {
        vendor.service("web").yaml("web", """
                restart: no
                stop_signal: HUP
                environment: {A: "1", B: "2"}
                ready: {notify: true, watchdog: 3s}
                log: {keep: 9, max_size: 2MiB}
                """);
        override("web", """
                restart: ~
                stop_signal: null
                environment: {A: }
                ready: {notify: ~, watchdog: ~, tcp: "127.0.0.1:80"}
                log: {keep: ~}
                nice: ~
                """);

        Definition web = usable("web");

        assertThat(web.restart().policy()).isEqualTo(RestartPolicy.ALWAYS);
        assertThat(web.stop().signal()).isEqualTo(Signals.TERM);
        assertThat(web.environment().variables()).containsOnlyKeys("B");
        assertThat(web.ready()).containsInstanceOf(Ready.Tcp.class);
        assertThat(web.log().keep()).isEqualTo(5);
        assertThat(web.log().maxSize()).isEqualTo(2L << 20);
    }

    @Test
    void nullOfAMappingThatOnlyTheOverrideHasIsNothing() throws Exception {
        vendor.service("web").service("plain");
        override("web", "log: {keep: ~}\nenvironment: {A: ~}\n");

        assertThat(usable("web").log()).isEqualTo(usable("plain").log());
        assertThat(usable("web").environment().variables()).isEmpty();
    }

    @Test
    void emptyOverrideChangesNothing() throws Exception {
        vendor.service("web").yaml("web", "restart: no");
        override("web", "# nothing yet\n");

        assertThat(usable("web").restart().policy()).isEqualTo(RestartPolicy.NO);
    }

    @Test
    void overrideBesideAServiceAppliesToIt() throws Exception {
        vendor.service("web").yaml("web", "nice: 1");
        own.service("web").yaml("web", "nice: 2\nrestart: no");
        override("web", "nice: 3\n");

        Definition web = usable("web");

        assertThat(web.directory()).isEqualTo(own.path().resolve("web"));
        assertThat(web.process().nice()).hasValue(3);
        assertThat(web.restart().policy()).isEqualTo(RestartPolicy.NO);
    }

    @Test
    void overridesOfSeveralDirectoriesAreMergedInTheOrderOfTheSearch() throws Exception {
        Folder site = Folder.in(temp, "site");
        services = ServiceDirectories.named(List.of(own.path(), site.path(), vendor.path()));
        vendor.service("web").yaml("web", "nice: 1\nstop_grace_period: 1s\nlinger: 1s");
        site.write("web/override.yaml", false, "nice: 2\nstop_grace_period: 2s\n");
        override("web", "nice: 3\n");

        Definition web = usable("web");

        assertThat(web.process().nice()).hasValue(3);
        assertThat(web.stop().gracePeriod()).isEqualTo(Duration.ofSeconds(2));
        assertThat(web.linger()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void instanceCanBeOverriddenAndSoCanItsTemplate() throws Exception {
        vendor.yaml("getty", "command: \"sleep {target}\"\nnice: 1\nlinger: 1s");
        override("getty", "nice: 2\n");
        override("getty@5", "linger: 9s\nautostart: true\n");

        Definition five = usable("getty@5");
        assertThat(five.commands().get(Script.RUN)).containsExactly("sleep", "5");
        assertThat(five.process().nice()).hasValue(2);
        assertThat(five.linger()).isEqualTo(Duration.ofSeconds(9));
        assertThat(five.autostart()).isTrue();
        assertThat(usable("getty@6").autostart()).isFalse();
        assertThat(find("getty")).isInstanceOf(Finding.Template.class);
        assertThat(services.list().names()).extracting(ServiceName::toString).containsExactly("getty", "getty@5");

        override("getty", "autostart: true\n");
        assertThat(problems("getty"))
                .containsExactly("etc/getty/override.yaml:1:12: autostart: a template does not start automatically;"
                        + " expected it in the directory of an instance, NAME@TARGET");
    }

    @Test
    void mistakesAreReportedWhereTheyAre() throws Exception {
        vendor.service("web").yaml("web", "restart: no\nlog: {keep: 3}\nbogus: 1");
        override("web", """
                stop_signal: TERM
                restrat: ~
                log:
                  kep: 3
                  keep: lots
                nice: 1
                nice: 2
                requires: [web, nobody]
                """);

        assertThat(problems("web"))
                .containsExactlyInAnyOrder(
                        "lib/web/service.yaml:3:1: bogus: unknown key; service.yaml(5) has the keys",
                        "etc/web/override.yaml:2:1: restrat: unknown key; did you mean \"restart\"?",
                        "etc/web/override.yaml:4:3: log.kep: unknown key; did you mean \"keep\"?",
                        "etc/web/override.yaml:5:9: log.keep: \"lots\"; expected a number from 0 to 1000",
                        "etc/web/override.yaml:7:1: nice: given twice; the first is on line 6");
    }

    @Test
    void whatIsNotInPlaceIsReportedWhereItIsSaid() throws Exception {
        vendor.yaml("web", "command: sleep 1\nenv_file: [none]");
        override("web", "command: no-such-program -x\nrequires: [web, nobody]\nenvironment: {PATH: /bin}\n");

        assertThat(problems("web"))
                .containsExactlyInAnyOrder(
                        "etc/web/override.yaml:1:10: command: \"no-such-program\": no such program in /bin; install it,"
                                + " or write its full path",
                        "etc/web/override.yaml:2:12: requires: web requires itself",
                        "etc/web/override.yaml:2:17: requires: no such service: nobody (looked in etc, lib)",
                        "lib/web/service.yaml:2:12: env_file: lib/web/none: no such file; make it, or write {path: ...,"
                                + " required: false} if it may be missing");
    }

    @Test
    void whatIsNotYamlIsReportedInTheFileThatItIsIn() throws Exception {
        vendor.service("web").yaml("web", "restart: no");
        override("web", "nice: [1\n");
        assertThat(problems("web")).singleElement().asString().startsWith("etc/web/override.yaml:2:1: ");

        override("web", "- restart\n");
        assertThat(problems("web"))
                .containsExactly("etc/web/override.yaml:1:1: a list; expected lines of the form key: value");

        Files.delete(own.path().resolve("web/override.yaml"));
        Files.createDirectory(own.path().resolve("web/override.yaml"));
        assertThat(problems("web")).containsExactly("etc/web/override.yaml: not a regular file");
    }

    @Test
    void overrideOfNothingIsOneLine() throws Exception {
        override("web", "nice: 1\n");

        assertThat(find("web")).isInstanceOf(Finding.Broken.class);
        assertThat(problems("web"))
                .containsExactly(
                        "etc/web/override.yaml: there is no service web for it to override (looked in etc, lib);"
                                + " expected a directory with pre, run, post or service.yaml");
    }

    @Test
    void misnamedOverrideIsPointedOut() throws Exception {
        vendor.service("web");
        own.write("web/override.yml", false, "nice: 1\n");

        assertThat(problems("web"))
                .containsExactly(
                        "etc/web: has none of pre, run and post; expected at least one, or override.yaml, or remove"
                                + " it: it hides lib/web",
                        "etc/web/override.yml: not read; rename it to override.yaml");
    }

    @Test
    void overrideCannotReplaceARunScript() throws Exception {
        vendor.service("web");
        override("web", "command: sleep 1\n");

        assertThat(problems("web"))
                .containsExactly("etc/web/override.yaml:1:10: command: the service has a run script, which an override"
                        + " cannot replace; copy the whole directory");
    }

    @Test
    void aliasesThatExpandToTooMuchAreRefusedSoon() throws Exception {
        StringBuilder bomb = new StringBuilder("triggers:\n  a0: &a0 {x: {}}\n");
        for (int i = 1; i <= 10; i++) {
            bomb.append("  a")
                    .append(i)
                    .append(": &a")
                    .append(i)
                    .append(" {p: *a")
                    .append(i - 1);
            bomb.append(", q: *a").append(i - 1).append(", r: *a").append(i - 1).append("}\n");
        }
        vendor.service("web").yaml("web", bomb.toString());
        override("web", bomb.toString());

        assertThat(problems("web")).anyMatch(line -> line.contains("its aliases expand to too much"));
    }

    @Test
    void whereEachValueComesFromIsExplained() throws Exception {
        vendor.service("web").yaml("web", "restart: no\nnice: 1\nenvironment: {A: \"1\"}\nlog: {keep: 2}");
        override("web", "restart: ~\nlinger: 3s\nenvironment: {B: \"2\"}\nlog: {max_size: 1MiB}\n");

        Explanation explanation =
                new ServiceReader(services).explain(ServiceName.parse("web")).orElseThrow();

        Path override = own.path().resolve("web/override.yaml");
        assertThat(entry(explanation, "linger").position().orElseThrow().override())
                .contains(override);
        assertThat(entry(explanation, "nice").position().orElseThrow().override())
                .isEmpty();
        assertThat(entry(explanation, "restart").position()).isEmpty();
        assertThat(entry(explanation, "restart").value()).isEqualTo("always");
        assertThat(entry(explanation, "restart").reset().orElseThrow().override())
                .contains(override);
        assertThat(entry(explanation, "environment").value()).isEqualTo("{A: \"1\", B: \"2\"}");
        assertThat(entry(explanation, "environment").merged()).hasSize(1);
        assertThat(entry(explanation, "log.keep").position().orElseThrow().override())
                .isEmpty();
        assertThat(entry(explanation, "log.max_size").position().orElseThrow().override())
                .contains(override);
        assertThat(explanation.file()).contains(vendor.path().resolve("web/service.yaml"));
    }

    private static Explanation.ExplainedKey entry(Explanation explanation, String key) {
        return explanation.entries().stream()
                .filter(it -> it.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void fingerprintTellsOneContentOfAnOverrideFromAnother() throws Exception {
        ServiceName web = ServiceName.parse("web");
        vendor.service("web");
        DirectoryFingerprint without = DirectoryFingerprint.of(services, web);
        override("web", "nice: 1\n");
        DirectoryFingerprint with = DirectoryFingerprint.of(services, web);
        override("web", "nice: 10\n");
        DirectoryFingerprint changed = DirectoryFingerprint.of(services, web);

        assertThat(with).isNotEqualTo(without).isNotEqualTo(changed);
        assertThat(DirectoryFingerprint.of(services, web)).isEqualTo(changed);
        vendor.yaml("web", "restart: no");
        assertThat(DirectoryFingerprint.of(services, web)).isNotEqualTo(changed);
        Files.delete(own.path().resolve("web/override.yaml"));
        Files.delete(vendor.path().resolve("web/service.yaml"));
        Files.delete(own.path().resolve("web"));
        assertThat(DirectoryFingerprint.of(services, web)).isEqualTo(without);
    }

    @Test
    void overlayIsTrustedAsAServiceIs() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: needs root, to give files away");
        vendor.service("web");
        override("web", "nice: 1\n");
        Definition web = usable("web");
        TrustCheck check = TrustCheck.forRoot(List.of());
        assertThat(check.whatIsWrongWith(web, Script.RUN)).isEmpty();
        Path file = own.path().resolve("web/override.yaml");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(check.whatIsWrongWith(web, Script.RUN).orElse(""))
                .startsWith(file + ": writable by others than its owner (mode 0666)");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setAttribute(file.getParent(), "unix:uid", 12345);
        assertThat(check.whatIsWrongWith(web, Script.RUN).orElse(""))
                .startsWith(file.getParent() + ": belongs to uid 12345");
        Files.setAttribute(file.getParent(), "unix:uid", 0);
        Files.delete(file);
        // what runs is a snapshot, and its post is still to be run
        assertThat(check.whatIsWrongWith(web, Script.RUN)).isEmpty();
        assertThat(problems("web"))
                .containsExactly("etc/web: has none of pre, run and post; expected at least one, or override.yaml, or"
                        + " remove it: it hides lib/web");
        Files.delete(file.getParent());
        assertThat(usable("web").overrides()).isEqualTo(Optional.empty());
    }
}
