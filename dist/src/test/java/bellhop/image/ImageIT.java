package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Execution;
import bellhop.Outcome;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies that the image works wherever it is put, with its caches, and that each of its programs does. */
class ImageIT {

    private static final int PROCESSES = 64;
    private static final int OPERATIONS = Integer.getInteger("semaphore.operations", 1);
    private static final int LIMIT_SECONDS = 60 * Math.max(10, OPERATIONS);

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new TreeMap<>();

    @BeforeEach
    void aRunDirWithoutManager() {
        environment.put("BELLHOP_RUNDIR", folder.resolve("run").toString());
    }

    static Stream<String> programs() throws IOException {
        try (Stream<Path> files = Files.list(ImageManager.IMAGE.resolve("bin"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @Test
    void theProgramsAreThese() throws IOException {
        assertThat(programs())
                .containsExactly(
                        "bh",
                        "bh-release",
                        "bh-require",
                        "bh-start",
                        "bh-status",
                        "bh-stop",
                        "bh-stopall",
                        "connect",
                        "escort",
                        "semaphore",
                        "state");
    }

    @Test
    void theManualPagesTheSchemaAndTheServicesAreThoseOfTheSources() throws Exception {
        Path share = ImageManager.IMAGE.resolve("share");
        Path sources = Path.of("..");

        for (String section : List.of("1", "5", "7")) {
            assertThat(names(share.resolve("man/man" + section)))
                    .isNotEmpty()
                    .isEqualTo(names(sources.resolve("docs/man")).stream()
                            .filter(page -> page.endsWith("." + section))
                            .toList());
        }
        for (String schema : List.of("service", "override")) {
            String file = "schema/" + schema + ".schema.json";
            assertThat(share.resolve(file))
                    .hasSameTextualContentAs(sources.resolve("share").resolve(file));
        }
        String services = sources.resolve("services.d").toAbsolutePath().toString();
        assertThat(execute("diff", "-r", services, share.resolve("services.d").toString()))
                .isEqualTo(new Outcome(0, "", ""));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void eachProgramSaysHowItIsUsedAndWhichItIs(String program) throws Exception {
        for (String help : List.of("-h", "--help")) {
            Outcome ending = run(program, help);
            assertThat(ending.status()).isZero();
            assertThat(ending.out()).containsIgnoringCase("usage: " + program);
            assertThat(ending.err()).isEmpty();
        }

        Outcome version = run(program, "--version");

        assertThat(version.status()).isZero();
        assertThat(version.out())
                .startsWith(program + " (Bellhop) ")
                .containsPattern("[0-9]+\\.[0-9]+")
                .hasLineCount(1);
        assertThat(version.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "bh-start,",
        "bh-stop,",
        "bh-stopall, x",
        "bh-require,",
        "bh-release,",
        "bh,",
        "escort,",
        "connect,",
        "semaphore, x",
        "state, x",
        "state, --nosuchoption"
    })
    void wrongUsageExits64AndSaysWhy(String program, String argument) throws Exception {
        Outcome ending = argument == null ? run(program) : run(program, argument);

        assertThat(ending.err()).startsWith(program + ": ").containsIgnoringCase("usage: " + program);
        assertThat(ending.status()).isEqualTo(64);
        assertThat(ending.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"bh-start, x", "bh-stop, x", "bh-status, x", "bh-require, x", "bh-release, x", "bh, list"})
    void withoutManagerItExits69AndSaysHowToStartOne(String program, String argument) throws Exception {
        Outcome ending = run(program, argument);

        assertThat(ending.status()).isEqualTo(69);
        assertThat(ending.out()).isEmpty();
        assertThat(ending.err()).hasLineCount(1).startsWith(program + ": ").contains("bh run");
    }

    @Test
    void anImageThatWasCopiedElsewhereUsesItsCaches() throws Exception {
        Path copy = folder.resolve("another place");
        execute("cp", "-a", ImageManager.IMAGE.toString(), copy.toString());

        try (ImageManager manager = new ImageManager(copy).script("clock", "run", "exec sleep 1000")) {
            manager.start();
            manager.run("bh-start", "clock").succeeds();
            manager.run("bh", "status").succeeds();

            assertThat(filesOf(manager, copy))
                    .contains("lib/manager.aot", "lib/libjunixsocket.so", "runtime/lib/modules");
            assertThat(manager.run("bh", "status", "--json", "clock").out()).contains("\"managerCache\":\"used\"");
            assertThat(manager.run("bh", "plugins").succeeds().err()).isEmpty();
            assertThat(manager.said()).doesNotContain("cache");
        }
    }

    @Test
    void aCacheThatDoesNotFitTheTimeOfAJarIsReported() throws Exception {
        Path copy = folder.resolve("copy");
        execute("cp", "-a", ImageManager.IMAGE.toString(), copy.toString());
        execute("touch", copy.resolve("lib/picocli.jar").toString());

        try (ImageManager manager = new ImageManager(copy).script("clock", "run", "exec sleep 1000")) {
            manager.start();
            manager.run("bh-start", "clock").succeeds();

            String line = "the cache " + copy.resolve("lib/manager.aot") + " is not used";
            manager.awaitSaid("warning: " + line);
            assertThat(manager.run("bh", "plugins").err()).startsWith("bh-plugins: " + line);
            assertThat(manager.run("bh", "status", "--json", "clock").out()).contains("\"managerCache\":\"unused\"");
            assertThat(filesOf(manager, copy)).doesNotContain("lib/manager.aot");
        }
    }

    @Test
    void aClientLoadsNothingThatItsCacheDoesNotHold() throws Exception {
        Path classes = folder.resolve("classes");
        Path program = ImageManager.IMAGE.resolve("bin/bh");
        Path telling = Files.copy(program, folder.resolve("bh"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(
                telling,
                Files.readString(program)
                        .replace("bh_home=${0%/bin/*}", "bh_home=" + ImageManager.IMAGE)
                        .replace("-Xlog:disable", "-Xlog:disable -Xlog:class+load:file=" + classes));
        try (ImageManager manager = new ImageManager()) {
            manager.start();
            manager.run(telling.toString(), "status").succeeds();
        }

        List<String> loaded = Files.readAllLines(classes);
        List<String> others = loaded.stream()
                .filter(line -> !line.endsWith("source: shared objects file"))
                .toList();
        // The jars would have to be opened, which takes longer than all else that a client does.
        assertThat(others).noneMatch(line -> line.contains("source: file:"));
        // The JVM never puts its own few kinds of events into a cache.
        assertThat(others).hasSizeLessThan(10);
        // Those of the JDK that the cache has for what is drawn are loaded by every client.
        assertThat(loaded).hasSizeLessThan(1700);
    }

    @Test
    void theArchiveHoldsTheImage() throws Exception {
        String own = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
        Path unpacked = unpacked(archive(own).orElseThrow());

        assertThat(execute("diff", "-r", "--no-dereference", ImageManager.IMAGE.toString(), unpacked.toString()))
                .isEqualTo(new Outcome(0, "", ""));
        try (ImageManager manager = new ImageManager(unpacked)) {
            manager.start();
            assertThat(filesOf(manager, unpacked)).contains("lib/manager.aot");
            assertThat(manager.said()).doesNotContain("cache");
        }
    }

    @Test
    void theArchiveOfTheOtherArchitectureIsTheSameWithAnotherRuntimeAndNoCaches() throws Exception {
        String other = System.getProperty("os.arch").equals("amd64") ? "aarch64" : "x86_64";
        Optional<Path> archive = archive(other);
        Programs.neededThat(archive.isPresent(), "no archive for " + other + " was made; name a JDK by -Dother.jdk");
        Path unpacked = unpacked(archive.orElseThrow());

        int machine = other.equals("aarch64") ? 183 : 62;
        for (String binary : List.of("runtime/bin/java", "runtime/lib/server/libjvm.so", "lib/libjunixsocket.so")) {
            assertThat(elfMachine(unpacked.resolve(binary))).as(binary).isEqualTo(machine);
            assertThat(elfMachine(ImageManager.IMAGE.resolve(binary)))
                    .as(binary)
                    .isNotEqualTo(machine);
        }
        assertThat(unpacked.resolve("lib/untrained"))
                .as("has it trained on its machine")
                .isEmptyFile();
        for (String apart : List.of("lib/untrained", "lib/libjunixsocket.so")) {
            Files.delete(unpacked.resolve(apart));
        }
        // It names the runtime.
        String components = "bellhop.cdx.json";
        Outcome differences = execute(
                "diff",
                "-r",
                "--no-dereference",
                "-x",
                "runtime",
                "-x",
                components,
                ImageManager.IMAGE.toString(),
                unpacked.toString());
        assertThat(differences.out().lines())
                .allMatch(line -> line.startsWith("Only in " + ImageManager.IMAGE + "/lib: "))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .containsExactlyInAnyOrder("client.aot", "manager.aot", "libjunixsocket.so");
        assertThat(libraries(unpacked.resolve("share").resolve(components)))
                .isNotEmpty()
                .isEqualTo(libraries(ImageManager.IMAGE.resolve("share").resolve(components)));
        assertThat(Files.readAllLines(unpacked.resolve("runtime/release")))
                .as("its modules")
                .contains(modules(ImageManager.IMAGE));
        try (Stream<Path> files = Files.walk(unpacked)) {
            assertThat(files.map(Path::toString))
                    .noneMatch(file -> file.endsWith(".debuginfo") || file.endsWith(".diz"));
        }
    }

    private static List<JsonNode> libraries(Path components) throws IOException {
        return new ObjectMapper()
                .readTree(components.toFile())
                .path("components")
                .valueStream()
                .filter(component -> component.path("type").asText().equals("library"))
                .toList();
    }

    private static Optional<Path> archive(String architecture) throws IOException {
        try (Stream<Path> files = Files.list(ImageManager.IMAGE.resolveSibling(""))) {
            return files.filter(file ->
                            file.getFileName().toString().matches("bellhop-.*-linux-" + architecture + ".tar.gz"))
                    .findFirst();
        }
    }

    private Path unpacked(Path archive) throws IOException, InterruptedException {
        execute("tar", "-C", folder.toString(), "-xzf", archive.toString());
        return folder.resolve(archive.getFileName().toString().replace(".tar.gz", ""));
    }

    /** Which machine a binary is for, a number of elf(5). */
    private static int elfMachine(Path binary) throws IOException {
        try (FileChannel channel = FileChannel.open(binary)) {
            ByteBuffer header = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(channel.read(header)).isEqualTo(header.capacity());
            assertThat(header.getInt(0)).isEqualTo(0x464c457f);
            return header.getShort(18);
        }
    }

    private static String modules(Path image) throws IOException {
        return Files.readAllLines(image.resolve("runtime/release")).stream()
                .filter(line -> line.startsWith("MODULES="))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void programsWorkThroughLinksFromElsewhere() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("usr local bin"));
        for (String program : programs().toList()) {
            Files.createSymbolicLink(
                    elsewhere.resolve(program),
                    ImageManager.IMAGE.resolve("bin").resolve(program));
        }

        for (String program : programs().toList()) {
            assertThat(execute(elsewhere.resolve(program).toString(), "--version")
                            .out())
                    .startsWith(program + " ");
        }
        assertThat(execute(elsewhere.resolve("bh-require").toString(), "--owner", "me", "x")
                        .err())
                .as("left to bh, through the link")
                .startsWith("bh: no manager is running");
        for (String program : programs().toList()) {
            Files.delete(elsewhere.resolve(program));
        }
    }

    @Test
    void aCacheThatIsOfNoUseIsNoNoise() throws Exception {
        Path copy = folder.resolve("copy");
        execute("cp", "-r", ImageManager.IMAGE.toString(), copy.toString());
        Files.writeString(copy.resolve("lib/client.aot"), "no cache");
        Files.writeString(copy.resolve("lib/manager.aot"), "nor is this one");

        Outcome state = execute(
                copy.resolve("bin/state").toString(), folder.resolve("word").toString(), "up");

        assertThat(state).isEqualTo(new Outcome(0, "", ""));
        try (ImageManager manager = new ImageManager(copy)) {
            manager.start();
        }
    }

    @ParameterizedTest
    @CsvSource({"client", "manager"})
    void theCachesHoldNoCodeForTheProcessorThatTheyWereMadeOn(String cache) throws Exception {
        Path program = ImageManager.IMAGE.resolve("bin/bh");
        Path telling = Files.copy(program, folder.resolve("bh"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(
                telling,
                Files.readString(program)
                        .replace("bh_home=${0%/bin/*}", "bh_home=" + ImageManager.IMAGE)
                        .replace("bh_cache=client.aot", "bh_cache=" + cache + ".aot")
                        .replace("-XX:-AOTAdapterCaching", "-XX:+AOTAdapterCaching")
                        .replace("-Xlog:disable", "-Xlog:aot+codecache+init:stdout"));

        assertThat(execute(telling.toString(), "--help").out())
                .contains("AOT Code Cache is empty")
                .doesNotContain("AOT code entries");
    }

    @Test
    void noneOfManyWhoCountAtOnceIsLost() throws Exception {
        Path counter = folder.resolve("counter");
        Path script = Files.writeString(folder.resolve("count"), """
                i=0
                while [ $i -lt %d ]; do
                    i=$((i + 1))
                    step=+
                    [ $((i %% 3)) -ne 0 ] || step=-
                    '%s' '%s' $step || [ $? -eq 1 ] || exit 2
                done
                """.formatted(
                        OPERATIONS, ImageManager.IMAGE.resolve("bin/semaphore"), counter));
        try (ExecutorService processes = Executors.newFixedThreadPool(PROCESSES)) {
            List<Future<Outcome>> endings = Stream.generate(
                            () -> processes.submit(() -> execute("sh", script.toString())))
                    .limit(PROCESSES)
                    .toList();
            for (Future<Outcome> ending : endings) {
                assertThat(ending.get()).isEqualTo(new Outcome(0, "", ""));
            }
        }
        assertThat(Files.readString(counter).strip())
                .isEqualTo(String.valueOf(PROCESSES * (OPERATIONS - OPERATIONS / 3 * 2)));
    }

    /** What a manager has mapped of its image. */
    private static Stream<String> filesOf(ImageManager manager, Path image) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + manager.pid() + "/maps")).stream()
                .filter(line -> line.contains(image + "/"))
                .map(line -> line.substring(
                        line.indexOf(image + "/") + image.toString().length() + 1))
                .distinct();
    }

    private Outcome run(String program, String... arguments) throws IOException, InterruptedException {
        String[] commandLine = new String[arguments.length + 1];
        commandLine[0] = ImageManager.IMAGE.resolve("bin").resolve(program).toString();
        System.arraycopy(arguments, 0, commandLine, 1, arguments.length);
        return execute(commandLine);
    }

    private Outcome execute(String... commandLine) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(commandLine).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("BELLHOP_"));
        builder.environment().putAll(environment);
        return new Execution(builder, folder).outcome(LIMIT_SECONDS);
    }
}
