package bellhop.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import bellhop.yaml.Explanation;
import bellhop.yaml.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies what is found out about a service without starting it. */
class StaticCheckTest {

    @TempDir
    Path directory;

    private Folder folder;
    private ServiceDirectories services;

    @BeforeEach
    void makeAFolder() {
        folder = Folder.in(directory, "services");
        services = ServiceDirectories.named(List.of(folder.path()));
    }

    @Test
    void programThatIsMissingIsTold() {
        folder.yaml("web", "command: [no-such-program, x]\nready: {test: [CMD, ./gone]}")
                .yaml("db", "command: [/etc/passwd]\nhealthcheck: {test: [CMD, also-missing]}");

        assertThat(check("web"))
                .hasSize(2)
                .first()
                .asString()
                .startsWith(file("web") + ":1:10: command: \"no-such-program\": no such program in ");
        assertThat(check("web").getLast())
                .isEqualTo(file("web") + ":2:15: ready.test: \"./gone\": no such program; expected one that exists");
        assertThat(check("db").getFirst())
                .isEqualTo(file("db") + ":1:10: command: \"/etc/passwd\": not executable; expected a program");
        assertThat(services.find(name("web")).whyNot()).first().asString().contains("no-such-program");
    }

    @Test
    void programIsLookedForInTheServicesOwnPath() {
        folder.script("web", "tool")
                .yaml(
                        "web",
                        "command: tool\nenvironment: {PATH: " + folder.path().resolve("web") + "}")
                .yaml("db", "command: ls\nenvironment: {PATH: /nowhere}")
                .script("own", "tool")
                .yaml("own", "command: ./tool");

        assertThat(check("web")).isEmpty();
        assertThat(check("db")).hasSize(1);
        assertThat(check("own")).isEmpty();
    }

    @Test
    void usersAndGroupsThatAreMissingAreTold() {
        folder.service("web").yaml("web", "user: nosuchuser\ngroup: nosuchgroup\ngroup_add: [12345, nogroup, other]");
        folder.service("db").yaml("db", "user: 'root:nosuchgroup'");

        assertThat(check("web"))
                .contains(
                        file("web") + ":1:7: user: \"nosuchuser\": no such user; make it, or name another",
                        file("web") + ":2:8: group: \"nosuchgroup\": no such group; make it, or name another",
                        file("web") + ":3:29: group_add: \"other\": no such group; make it, or name another");
        assertThat(check("db"))
                .contains(file("db") + ":1:7: user: \"nosuchgroup\": no such group; make it, or name another");
    }

    @Test
    void fileOfVariablesIsReadAndItsValuesAreNotShown() throws Exception {
        folder.service("web").yaml("web", "env_file: [vars, gone, {path: lost, required: false}]");
        Path vars = folder.path().resolve("web/vars");
        Files.writeString(vars, "A=1\nB=\"s3cret\nC=2\n");

        assertThat(check("web"))
                .containsExactly(
                        vars + ":2:3: this quote is not closed; expected \"",
                        file("web") + ":1:18: env_file: " + folder.path() + "/web/gone: no such file; make it, or write"
                                + " {path: ..., required: false} if it may be missing");

        Files.writeString(vars, "A=s3cret\n");
        folder.yaml("web", "env_file: vars");
        Explanation web = new ServiceReader(services).explain(name("web")).orElseThrow();
        assertThat(web.toString()).doesNotContain("s3cret");
        assertThat(web.entries())
                .contains(
                        new Explanation.ExplainedKey(
                                "env_file",
                                "vars",
                                Optional.of(new Value.Position(1, 11)),
                                List.of(),
                                Optional.empty()),
                        new Explanation.ExplainedKey(
                                "timeouts.pre", "10s", Optional.empty(), List.of(), Optional.empty()));
    }

    @Test
    void requirementThatIsNoneIsTold() {
        folder.service("web").yaml("web", "requires: [db, gone, getty, web]");
        folder.service("db");
        folder.yaml("getty", "command: [sleep, '{target}']");

        assertThat(check("web"))
                .containsExactly(
                        file("web") + ":1:16: requires: no such service: gone (looked in " + folder.path() + ")",
                        file("web") + ":1:29: requires: web requires itself",
                        file("web") + ":1:22: requires: getty is a template and needs a target: getty@TARGET");
    }

    @Test
    void circleIsNamedAsAWholeAndOnce() throws Exception {
        folder.service("a").yaml("a", "requires: [b]");
        folder.service("b").yaml("b", "requires:\n  - d\n  - c");
        folder.service("c").yaml("c", "requires: [a]");
        folder.service("d");
        String circle = file("c")
                + ":1:12: requires: circular requirements: a requires b, b requires c,"
                + " c requires a; remove one of them";

        assertThat(check("a", "b", "c", "d")).containsExactly(circle);
        assertThat(findings("a").circles()).extracting(Problem::toString).containsExactly(circle);
    }

    @Test
    void requirementsAreFollowedAndThoseThatCannotBeUsedHaveTheirReason() throws Exception {
        folder.service("web").yaml("web", "requires: [app, cache]");
        folder.service("app").yaml("app", "requires: ['db@x', broken]");
        folder.yaml("db", "command: [sleep, '{target}']");
        folder.service("cache").yaml("cache", "requires: [web2]");
        folder.service("web2");
        folder.service("broken").yaml("broken", "restart: alway\nnice: 99");

        Findings findings = findings("web");

        assertThat(findings.requiredServices())
                .extracting(it -> it.name().toString())
                .containsExactly("app", "cache", "db@x", "web2");
        assertThat(findings.unusable()).containsOnlyKeys(name("broken"));
        assertThat(findings.unusable().get(name("broken")))
                .contains("\"alway\" is not one of")
                .endsWith("(and 1 more)");
        assertThat(findings.circles()).isEmpty();
    }

    @Test
    void aReaderReadsEachDirectoryOnce() throws Exception {
        folder.service("web").yaml("web", "requires: [db]");
        folder.service("db").yaml("db", "requires: [web]");
        ServiceReader reader = new ServiceReader(services);
        Findings before = reader.read(List.of(name("web")));

        Files.delete(folder.path().resolve("web/run"));
        Files.delete(folder.path().resolve("db/service.yaml"));

        assertThat(before.services()).hasSize(1);
        assertThat(before.circles()).hasSize(1);
        assertThat(reader.read(List.of(name("web")))).isEqualTo(before);
        reader.forget(name("db"));
        assertThat(reader.read(List.of(name("web"))).circles()).isEmpty();
    }

    @Test
    void keysOfRunWithoutARunAreTold() {
        folder.script("web", "pre").yaml("web", "nice: 5\nready: {fd: 3}");
        folder.service("db").yaml("db", "command: sleep 1");

        assertThat(check("web"))
                .containsExactly(
                        file("web") + ":1:7: nice: there is no run for it to apply to; expected command, or a"
                                + " script run",
                        file("web") + ":2:8: ready: there is no run for it to apply to; expected command, or a"
                                + " script run");
        assertThat(check("db"))
                .containsExactly(
                        file("db") + ":1:10: command: there is a run script beside it; expected only one of the two");
    }

    @Test
    void aScriptThatChangedMakesAnotherDefinition() throws Exception {
        folder.service("web");
        Finding before = services.find(name("web"));

        assertThat(services.find(name("web"))).isEqualTo(before);
        folder.script("web", "run", "exec sleep 2");
        assertThat(services.find(name("web"))).isNotEqualTo(before);
    }

    @Test
    void templatesAreCheckedWithoutATarget() {
        folder.yaml("dhcp", "command: [sleep, '{target}']\nrequires: ['wpa@{target}']\nenv_file: 'x.{target}'");
        folder.yaml("wpa", "command: [sleep, '{target}']");

        assertThat(check("dhcp", "wpa")).isEmpty();
        assertThat(services.find(name("wpa@wlan0"))).isInstanceOf(Finding.Usable.class);
    }

    private String file(String service) {
        return folder.path().resolve(service).resolve("service.yaml").toString();
    }

    private List<String> check(String... names) {
        return new ServiceReader(services)
                .check(List.of(names).stream().map(StaticCheckTest::name).toList()).stream()
                        .map(Problem::toString)
                        .toList();
    }

    private Findings findings(String service) {
        return new ServiceReader(services).read(List.of(name(service)));
    }

    private static ServiceName name(String text) {
        try {
            return ServiceName.parse(text);
        } catch (InvalidNameException e) {
            throw new AssertionError(e);
        }
    }
}
