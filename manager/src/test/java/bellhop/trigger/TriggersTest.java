package bellhop.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.catalog.TrustCheck;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import bellhop.linux.Self;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The host with plugins from jars, good and bad, on their real threads. */
class TriggersTest {
    private static final Duration SOON = Duration.ofMillis(200);

    @TempDir
    Path folder;

    private final FakeServices services = new FakeServices();
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private Function<Path, Optional<String>> replaced = jar -> Optional.empty();
    private PluginMaker maker;
    private @Nullable Triggers triggers;

    @BeforeEach
    void folders() throws IOException {
        maker = new PluginMaker(Files.createDirectory(folder.resolve("work")));
        Files.createDirectories(folder.resolve("sys/targets/good"));
        Files.createDirectories(folder.resolve("sys/targets/bad"));
    }

    @AfterEach
    void end() throws IOException {
        Files.deleteIfExists(folder.resolve("sys/fault-bad"));
        if (triggers != null) {
            triggers.close();
        }
    }

    private Triggers start() throws IOException {
        return start(TrustCheck.none(), Triggers.CALL_LIMIT);
    }

    private Triggers start(TrustCheck trust, Duration callLimit) throws IOException {
        triggers = Triggers.start(
                new Triggers.Setting(
                        List.of(folder.resolve("plugins"), folder.resolve("nowhere")),
                        folder.resolve("sys"),
                        trust,
                        callLimit,
                        false,
                        replaced,
                        log::add),
                services);
        return triggers;
    }

    private static TriggerUse use(String service, String plugin) {
        return use(service, plugin, Map.of());
    }

    private static TriggerUse use(String service, String plugin, Map<String, Value> more) {
        Map<String, Value> entries = new java.util.HashMap<>(more);
        entries.put("interval", PluginSettingsTest.word("10ms", 4, 15));
        return PluginSettingsTest.use(service, plugin, entries);
    }

    private void good() throws IOException {
        maker.jar(folder.resolve("plugins/good.jar"), PluginMaker.obedient("good"));
    }

    /** Appears whole, with its identity in it. */
    private void plug(String plugin, String target, String identity) throws IOException {
        Path file = folder.resolve("sys/targets").resolve(plugin).resolve(target);
        Path part = Files.writeString(file.resolveSibling("." + target), identity);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void pull(String plugin, String target) throws IOException {
        Files.delete(folder.resolve("sys/targets").resolve(plugin).resolve(target));
    }

    private void fault(String how) throws IOException {
        Path part = Files.writeString(folder.resolve("sys/part"), how);
        Files.move(part, folder.resolve("sys/fault-bad"), StandardCopyOption.ATOMIC_MOVE);
    }

    private String awaitLine(String text) throws InterruptedException {
        while (true) {
            String line = log.poll(60, TimeUnit.SECONDS);
            assertThat(line).as("a line with \"%s\"", text).isNotNull();
            if (String.valueOf(line).contains(text)) {
                return String.valueOf(line);
            }
        }
    }

    private TriggerReport report() throws Exception {
        CompletableFuture<TriggerReport> report = new CompletableFuture<>();
        java.util.Objects.requireNonNull(triggers).report(report::complete);
        return report.get(60, TimeUnit.SECONDS);
    }

    @Test
    void devicesThatComeGoAndAreReplacedBringServicesUpAndDown() throws Exception {
        good();
        plug("good", "dev0", "1");
        services.use(use("srv", "good"));
        Triggers host = start();

        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");
        assertThat(host.facts(new ServiceName("srv", Optional.of("dev0")))).isEqualTo(Map.of("DRIVER", "d-dev0"));
        assertThat(host.facts(new ServiceName("srv", Optional.of("dev1")))).isEmpty();
        plug("good", "dev1", "1");
        assertThat(services.next()).isEqualTo("require srv@dev1 for good:dev1");
        plug("good", "dev0", "2");
        assertThat(services.next()).isEqualTo("restart srv@dev0");
        pull("good", "dev0");
        assertThat(services.next()).isEqualTo("release srv@dev0 of good:dev0");

        assertThat(report().plugins()).singleElement().satisfies(plugin -> {
            assertThat(plugin.name()).isEqualTo("good");
            assertThat(plugin.problem()).isEmpty();
            assertThat(plugin.used()).isEqualTo(1);
        });
        assertThat(report().triggers())
                .containsExactly(new TriggerReport.TriggerLine(
                        "srv", "good", "", List.of(new TriggerReport.TargetLine("dev1", true, "held", "")), List.of()));
    }

    @ParameterizedTest
    @CsvSource({
        "throws, IllegalStateException: broken",
        "io, IOException: unreadable",
        "error, AssertionError: impossible",
        "stack, StackOverflowError",
        "null, present() returned null; expected a set",
        "null in it, present() returned a set with null in it",
        "many, present() returned too many targets; expected at most 1000",
        "twice, present() returned two targets \"twin\"",
        "changes, ConcurrentModificationException",
        "hangs, has not answered for 200 ms",
    })
    void theLastAnswerOfAFaultyPluginStandsAndNoOtherWaits(String how, String said) throws Exception {
        good();
        maker.jar(folder.resolve("plugins/bad.jar"), PluginMaker.obedient("bad"));
        plug("bad", "b0", "1");
        services.use(use("srv", "good"), use("poor", "bad"));
        start(TrustCheck.none(), how.equals("hangs") ? SOON : Triggers.CALL_LIMIT);
        assertThat(services.next()).isEqualTo("require poor@b0 for bad:b0");

        fault(how);
        assertThat(awaitLine("trigger bad of poor: "))
                .isEqualTo("trigger bad of poor: " + said + "; its last answer stands");
        pull("bad", "b0");
        plug("good", "g0", "1");
        assertThat(services.next()).isEqualTo("require srv@g0 for good:g0");
        assertThat(report().triggers())
                .filteredOn(trigger -> trigger.plugin().equals("bad"))
                .singleElement()
                .satisfies(trigger -> {
                    assertThat(trigger.problem()).startsWith(said + ", for ").endsWith(" s");
                    assertThat(trigger.targets()).containsExactly(new TriggerReport.TargetLine("b0", true, "held", ""));
                });
        assertThat(Objects.requireNonNull(triggers).troubles("poor"))
                .singleElement()
                .asString()
                .startsWith("trigger bad: " + said + ", for ")
                .endsWith(" s");
        assertThat(Objects.requireNonNull(triggers).troubles("srv")).isEmpty();

        Files.delete(folder.resolve("sys/fault-bad"));
        assertThat(awaitLine("answers again")).isEqualTo("trigger bad of poor: answers again");
        assertThat(services.next()).isEqualTo("release poor@b0 of bad:b0");
    }

    @Test
    void aForbiddenNameIsLeftOutAndTheOthersCount() throws Exception {
        maker.jar(folder.resolve("plugins/bad.jar"), PluginMaker.obedient("bad"));
        plug("bad", "b0", "1");
        fault("forbidden");
        services.use(use("poor", "bad"));
        start();

        assertThat(services.next()).isEqualTo("require poor@b0 for bad:b0");
        assertThat(awaitLine("left out")).startsWith("trigger bad of poor: left out \"../etc\": ");
        assertThat(report().triggers().getFirst().refused()).hasSize(1);
    }

    @Test
    void aServiceThatDoesNotStartIsAskedForAgainAfterADelay() throws Exception {
        good();
        plug("good", "dev0", "1");
        services.failures.put("srv@dev0", "pre exited 1");
        services.use(use("srv", "good"));
        start();
        long begin = System.nanoTime();

        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");
        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(900));
        assertThat(report().triggers().getFirst().targets())
                .containsExactly(new TriggerReport.TargetLine("dev0", true, "failed", "pre exited 1"));
    }

    @Test
    void jarsThatAreNoGoodAreNamedAndLeftOutAndTheOthersGoOn() throws Exception {
        Path jars = folder.resolve("plugins");
        good();
        Files.writeString(jars.resolve("corrupt.jar"), "no zip");
        maker.jar(jars.resolve("empty.jar"), "", Map.of());
        maker.jar(jars.resolve("missing.jar"), "p.Absent", Map.of());
        maker.jar(jars.resolve("two.jar"), "p.A\np.B", Map.of());
        maker.jar(jars.resolve("other.jar"), "java.lang.Object", Map.of());
        maker.jar(
                jars.resolve("newer.jar"),
                "p.Plugin",
                Map.of("Bellhop-Spi-Version", "2"),
                PluginMaker.obedient("newer"));
        maker.jar(jars.resolve("second.jar"), PluginMaker.obedient("good"));
        maker.jar(jars.resolve("named.jar"), PluginMaker.obedient("No Name"));
        maker.jar(jars.resolve("thrower.jar"), PluginMaker.obedient("thrower").replace("public String name", """
                        public Plugin() {
                            throw new IllegalStateException("no hardware");
                        }
                        public String name"""));
        maker.jar(jars.resolve("hanger.jar"), PluginMaker.obedient("hanger").replace("public String name", """
                        public Plugin() throws InterruptedException {
                            Thread.sleep(1000000);
                        }
                        public String name"""));
        // Compiled against a class that is not there when it runs, as one of a newer interface is not.
        maker.jar(
                jars.resolve("link.jar"),
                "p.Plugin",
                Map.of(),
                PluginMaker.obedient("link")
                        .replace("implements TriggerPlugin", "implements org.junit.jupiter.api.Gone")
                        .replace("org.junit.jupiter.api.Gone", "q.Gone"),
                "package q; public interface Gone extends bellhop.spi.TriggerPlugin {}");
        removeEntry(jars.resolve("link.jar"), "q/Gone.class");
        plug("good", "dev0", "1");
        services.use(use("srv", "good"));
        start();

        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");
        Map<String, String> problems = new java.util.TreeMap<>();
        report().plugins()
                .forEach(plugin ->
                        problems.put(String.valueOf(Path.of(plugin.jar()).getFileName()), plugin.problem()));
        assertThat(problems.get("good.jar")).isEmpty();
        assertThat(problems.get("corrupt.jar")).startsWith("not a jar, or damaged: ");
        assertThat(problems.get("empty.jar")).startsWith("has no plugin; expected the name of its class in META-INF");
        assertThat(problems.get("missing.jar"))
                .startsWith("its class cannot be instantiated: ClassNotFoundException: p.Absent");
        assertThat(problems.get("two.jar")).isEqualTo("has 2 plugins; expected one in a jar");
        assertThat(problems.get("other.jar")).isEqualTo("java.lang.Object is not a bellhop.spi.TriggerPlugin");
        assertThat(problems.get("newer.jar")).startsWith("made for version 2 of the plugin interface; this is 1");
        assertThat(problems.get("second.jar"))
                .isEqualTo("its name good is already used by " + jars.resolve("good.jar"));
        assertThat(problems.get("named.jar")).startsWith("its name \"No Name\" is not valid");
        assertThat(problems.get("thrower.jar")).isEqualTo("its constructor failed: IllegalStateException: no hardware");
        assertThat(problems.get("hanger.jar")).isEqualTo("was not loaded within 2 s");
        assertThat(problems.get("link.jar"))
                .startsWith("does not fit this version of Bellhop: NoClassDefFoundError: q/Gone");
        assertThat(problems).hasSize(12);
        for (int i = 0; i < problems.size() - 1; i++) {
            awaitLine("is left out: ");
        }
    }

    private static void removeEntry(Path jar, String name) throws IOException {
        try (var files = java.nio.file.FileSystems.newFileSystem(jar)) {
            Files.delete(files.getPath(name));
        }
    }

    /** A package manager may replace a jar between the look at it and its opening. */
    @Test
    void aJarOfAnotherBuildIsLeftOutBeforeItsCodeRuns() throws Exception {
        Path ran = folder.resolve("ran");
        maker.jar(
                folder.resolve("plugins/bad.jar"),
                PluginMaker.obedient("bad")
                        .replaceFirst("\\{", "{ static { new java.io.File(\"" + ran + "\").mkdir(); } "));
        replaced = jar -> Optional.of("is of another build");
        services.use(use("srv", "bad"));
        start();

        assertThat(awaitLine("is left out")).endsWith("bad.jar is left out: is of another build");
        assertThat(ran).doesNotExist();
    }

    @Test
    void eachPluginHasItsOwnVersionOfALibraryAndSeesNeitherTheOthersNorTheManager() throws Exception {
        for (String version : List.of("one", "two")) {
            String library = "package lib; public final class Library { public static String version() { return \""
                    + version + "\"; } }";
            String plugin = """
                    package p;

                    import bellhop.spi.*;
                    import java.util.*;

                    public final class Plugin implements TriggerPlugin {
                        public String name() {
                            return lib.Library.version();
                        }

                        public Trigger open(Settings settings, Host host) {
                            return () -> Set.of(new Target(lib.Library.version() + seen(), "", Map.of()));
                        }

                        private static String seen() {
                            StringBuilder seen = new StringBuilder();
                            for (String name : List.of("bellhop.trigger.Triggers", "picocli.CommandLine",
                                    "bellhop.spi.testkit.FakeSysfs", "java.net.http.HttpClient")) {
                                try {
                                    Class.forName(name);
                                    seen.append("-").append(name);
                                } catch (ClassNotFoundException e) {
                                    // As it should be, for most.
                                }
                            }
                            return seen.toString();
                        }
                    }
                    """;
            maker.jar(folder.resolve("plugins/" + version + ".jar"), plugin, library);
        }
        services.use(use("a", "one"), use("b", "two"));
        start();

        String first = services.next();
        assertThat(Set.of(first, services.next()))
                .containsExactlyInAnyOrder(
                        "require a@one-java.net.http.HttpClient for one:one-java.net.http.HttpClient",
                        "require b@two-java.net.http.HttpClient for two:two-java.net.http.HttpClient");
    }

    @Test
    void rootLoadsNoJarThatOthersMayWriteTo() throws Exception {
        assumeTrue(Self.euid() == 0, "skipped: not root");
        good();
        Path jar = maker.jar(folder.resolve("plugins/open.jar"), PluginMaker.obedient("open"));
        Files.setPosixFilePermissions(folder.resolve("plugins"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(folder.resolve("plugins/good.jar"), PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-rw-"));
        plug("good", "dev0", "1");
        services.use(use("srv", "good"));
        start(TrustCheck.forRoot(List.of()), Triggers.CALL_LIMIT);

        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");
        assertThat(awaitLine("is left out"))
                .contains("open.jar: writable by others than its owner (mode 0666), and root runs nothing");
    }

    @Test
    void complaintsAboutSettingsPointIntoTheFileAndTheOtherServicesGoOn() throws Exception {
        good();
        plug("good", "dev0", "1");
        services.use(
                use("blue", "good", Map.of("color", PluginSettingsTest.word("blue", 6, 12))),
                use("typo", "good", Map.of("colour", PluginSettingsTest.word("red", 7, 13))),
                use("none", "god"),
                use("srv", "good"));
        start();

        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");
        TriggerReport report = report();
        assertThat(report.problems())
                .containsExactlyInAnyOrder(
                        "/s/none/service.yaml:3:5: triggers: god: there is no such plugin; expected one of good;"
                                + " did you mean \"good\"?",
                        "/s/blue/service.yaml:6:12: triggers: good: color: is not red",
                        "/s/typo/service.yaml:7:5: triggers: good: colour: unknown key; did you mean \"color\"?");
        assertThat(services.asked).isEmpty();
    }

    @Test
    void lengthOfTimeThatNobodyWaitsForIsRefusedAndTheOtherServicesGoOn() throws Exception {
        good();
        plug("good", "dev0", "1");
        services.use(
                PluginSettingsTest.use("often", "good", Map.of("interval", PluginSettingsTest.word("9999999h", 4, 15))),
                use("never", "good", Map.of("settle", PluginSettingsTest.word("99999999h99999999h", 5, 13))),
                use("srv", "good"));
        start();

        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");
        assertThat(report().problems())
                .containsExactly(
                        "/s/often/service.yaml:4:15: triggers: good: interval: \"9999999h\" is too long;"
                                + " expected at most 100000h",
                        "/s/never/service.yaml:5:13: triggers: good: settle: \"99999999h99999999h\" is too long;"
                                + " expected at most 100000h");
    }

    @Test
    void errorWhenUsesAreFirstReadIsToldAndTheyAreReadAgain() throws Exception {
        good();
        plug("good", "dev0", "1");
        services.error.set(new NoClassDefFoundError("bellhop/Gone"));
        services.use(use("srv", "good"));
        Triggers host = start();

        assertThat(awaitLine("internal error")).contains("NoClassDefFoundError: bellhop/Gone");
        host.reload();
        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");
    }

    @Test
    void deviceThatNoLongerSaysAnythingOfItselfHasNoFacts() throws Exception {
        maker.jar(folder.resolve("plugins/bad.jar"), PluginMaker.obedient("bad"));
        plug("bad", "b0", "1");
        services.use(use("srv", "bad"));
        Triggers host = start();
        ServiceName service = new ServiceName("srv", Optional.of("b0"));
        assertThat(services.next()).isEqualTo("require srv@b0 for bad:b0");
        assertThat(host.facts(service)).isEqualTo(Map.of("DRIVER", "d-b0"));

        pull("bad", "b0");
        assertThat(services.next()).isEqualTo("release srv@b0 of bad:b0");
        assertThat(host.facts(service)).as("for post").isNotEmpty();
        fault("bare");
        plug("bad", "b0", "2");
        assertThat(services.next()).isEqualTo("require srv@b0 for bad:b0");
        assertThat(host.facts(service)).isEmpty();
    }

    @Test
    void whatIsNoLongerUsedIsReleasedAndWhatIsNewlyUsedIsLookedAt() throws Exception {
        good();
        plug("good", "dev0", "1");
        services.use(use("srv", "good"));
        Triggers host = start();
        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");

        services.use(use("new", "good"));
        host.reload();

        assertThat(services.next()).isEqualTo("release srv@dev0 of good:dev0");
        assertThat(services.next()).isEqualTo("require new@dev0 for good:dev0");
    }

    private static ServiceName instance(String template, String target) {
        return new ServiceName(template, Optional.of(target));
    }

    @Test
    void holdsOfAnEarlierManagerAreKeptWhereTheDeviceIsStillThere() throws Exception {
        good();
        plug("good", "dev0", "1");
        services.inherited.put(
                "good", Set.of(instance("srv", "dev0"), instance("srv", "dev1"), instance("old", "dev2")));
        services.inherited.put("missing", Set.of(instance("srv", "dev3"))); // its jar may be on its way
        services.use(use("srv", "good"));
        start();

        assertThat(services.next()).isEqualTo("release old@dev2 of good:dev2");
        assertThat(services.next()).isEqualTo("release srv@dev1 of good:dev1");
        plug("good", "dev0", "2");
        assertThat(services.next()).isEqualTo("restart srv@dev0");
    }

    @Test
    void whatIsStoppedByHandIsLeftAloneUntilItsDeviceGoesAndComes() throws Exception {
        good();
        plug("good", "dev0", "1");
        services.use(use("srv", "good"));
        Triggers host = start();
        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");

        host.stoppedAll();
        plug("good", "dev1", "1");
        assertThat(services.next()).isEqualTo("require srv@dev1 for good:dev1");
        assertThat(report().triggers().getFirst().targets())
                .containsExactly(
                        new TriggerReport.TargetLine("dev0", true, "held down", ""),
                        new TriggerReport.TargetLine("dev1", true, "held", ""));
        plug("good", "dev0", "2");
        assertThat(services.next()).isEqualTo("require srv@dev0 for good:dev0");
    }
}
