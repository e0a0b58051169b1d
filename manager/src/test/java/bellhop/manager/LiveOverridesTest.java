package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.ServiceWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that an override of a vendor's service takes effect, and lets the vendor's updates through. */
@Timeout(120)
class LiveOverridesTest {

    private ManagerProcess manager;
    private Path vendor;

    @BeforeEach
    void make() throws Exception {
        manager = new ManagerProcess();
        vendor = Files.createDirectory(manager.root().resolve("vendor"));
        vendor("one", "first");
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private void vendor(String a, String b) {
        ServiceWriter.write(
                vendor.resolve("web/run"), true, ServiceWriter.shell("echo \"$A $B\" >> " + did(), "exec sleep 1000"));
        ServiceWriter.write(vendor.resolve("web/post"), true, ServiceWriter.shell("echo \"post $A $B\" >> " + did()));
        ServiceWriter.write(vendor.resolve("web/service.yaml"), false, "environment: {A: " + a + ", B: " + b + "}\n");
    }

    private Path did() {
        return manager.root().resolve("did");
    }

    private void start() throws Exception {
        manager.start("--services", manager.services().toString(), "--services", vendor.toString());
    }

    @Test
    void overrideTakesEffectAtTheNextStartAndSoDoesAnUpdateOfTheVendor() throws Exception {
        start();
        manager.ask("start", "web").succeeds();
        manager.awaitText(did(), "one first");

        manager.write("web/override.yaml", false, "environment: {B: mine}\n");
        manager.awaitLine("definition of web: changed; used at its next start");
        manager.ask("restart", "web").succeeds();
        manager.awaitText(did(), "one mine");

        vendor("two", "second");
        manager.awaitLine("definition of web: changed; used at its next start", 2);
        manager.ask("restart", "web").succeeds();
        manager.awaitText(did(), "two mine");

        manager.write("web/override.yaml", false, "environment: {B: ~}\n");
        manager.ask("reload").succeeds();
        assertThat(manager.ask("show", "web").succeeds().out())
                .contains("# overridden by " + manager.services() + "/web/override.yaml");
        manager.ask("stop", "web").succeeds();
        assertThat(did()).content().contains("post one first\n").endsWith("post two mine\n");
    }

    @Test
    void nextManagerHasTheDefinitionThatAServiceBeganWith() throws Exception {
        manager.write(
                "web/override.yaml", false, "environment: {B: mine}\ntriggers: {no-such: {x: 1}}\ntemplate: false\n");
        start();
        manager.ask("start", "web").succeeds();
        manager.awaitText(did(), "one mine");
        int pid = manager.pid("web");

        manager.kill();
        manager.write("web/override.yaml", false, "environment: {B: another}\n");
        start();
        assertThat(manager.pid("web")).isEqualTo(pid);
        manager.ask("stop", "web").succeeds();
        assertThat(did()).hasContent("one mine\npost one mine\n");
        manager.ask("start", "web").succeeds();
        manager.awaitText(did(), "one another");
    }

    @Test
    void overrideOfNothingIsSaidByTheManager() throws Exception {
        manager.write("gone/override.yaml", false, "nice: 1\n");
        start();

        manager.awaitLine("gone/override.yaml: there is no service gone for it to override");
        assertThat(manager.ask("start", "gone").err()).contains("there is no service gone for it to override");
        assertThat(manager.ask("check").out()).contains("there is no service gone for it to override");
    }
}
