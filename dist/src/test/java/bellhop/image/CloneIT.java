package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Verifies when {@code ./bh} of a clone builds, and what becomes of builds that are interrupted; in the skeleton of a
 * clone, with a Maven that is played.
 */
@Timeout(240)
class CloneIT {

    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private Path clone;
    private final List<Execution> begun = new ArrayList<>();

    static Stream<List<String>> shells() {
        return Stream.of(
                List.of(Programs.needed("dash", "dash")),
                List.of(Programs.needed("busybox", "busybox"), "sh"),
                List.of(Programs.needed("bash", "bash"), "--posix"));
    }

    @BeforeEach
    void makeClone() throws Exception {
        clone = Files.createDirectory(folder.resolve("clone"));
        for (String file : List.of("bh", "dist/src/build/tools.sh")) {
            Files.createDirectories(clone.resolve(file).getParent());
            Files.copy(TOP.resolve(file), clone.resolve(file));
        }
        write("pom.xml", "<project>\n  <version>7.7</version>\n</project>\n");
        for (String module : List.of("spi", "manager", "dist")) {
            write(module + "/pom.xml", "");
            write(module + "/src/main/source", "");
        }
        program("bin/bh", "echo \"bh: $*\"");
        // Builds once it may, or fails, and never ends in between.
        program(
                "tools/mvn",
                "cd '" + clone + "'",
                "mkdir -p manager/target dist/target",
                "[ ! -e manager/target/half ] || echo 'half of it was there' >> '" + folder.resolve("builds") + "'",
                "touch manager/target/half",
                "echo began >> '" + folder.resolve("builds") + "'",
                "while [ ! -e '" + folder.resolve("go") + "' ]; do sleep 0.05; done",
                "[ ! -e '" + folder.resolve("fail") + "' ] || { echo '[ERROR] no such thing'; exit 1; }",
                "rm -rf dist/target/bellhop",
                "mkdir -p dist/target/new/plugins",
                "rm manager/target/half",
                "mv dist/target/new dist/target/bellhop",
                "echo ended >> '" + folder.resolve("builds") + "'");
        write("jdk/release", "JAVA_VERSION=\"25.0.1\"\n");
        program("jdk/bin/javac");
        program("jdk/bin/jlink");
    }

    @AfterEach
    void endAll() throws Exception {
        for (Execution execution : begun) {
            kill(execution);
        }
        Files.write(folder.resolve("go"), new byte[0]);
    }

    private static void kill(Execution execution) throws InterruptedException {
        Process process = execution.process();
        for (ProcessHandle handle : Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList()) {
            handle.destroyForcibly();
        }
        process.waitFor();
    }

    private void write(String file, String text) {
        ServiceWriter.write(clone.resolve(file), false, text);
    }

    private void program(String file, String... lines) {
        ServiceWriter.write(clone.resolve(file), true, ServiceWriter.shell(lines));
    }

    private Execution begin(List<String> shell, String... words) throws IOException {
        List<String> command = new ArrayList<>(shell);
        command.add(clone.resolve("bh").toString());
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("PATH", clone.resolve("tools") + ":" + System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", clone.resolve("jdk").toString());
        Execution execution = new Execution(builder, folder);
        begun.add(execution);
        return execution;
    }

    private Outcome run(List<String> shell, String... words) throws Exception {
        return begin(shell, words).outcome();
    }

    private List<String> builds() throws IOException {
        Path file = folder.resolve("builds");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private void awaitBuilds(int lines) throws IOException {
        Await.until("builds said so many lines: " + lines, () -> builds().size() >= lines);
    }

    /** Waits until a program's standard error has this in it. */
    private static void awaitSaid(Execution execution, String text) throws IOException {
        Await.until(text, () -> Files.readString(execution.err()).contains(text));
    }

    private void mayBuild() throws IOException {
        Files.write(folder.resolve("go"), new byte[0]);
    }

    @ParameterizedTest
    @MethodSource("shells")
    void oneBuildsAndTheNextRunWaits(List<String> shell) throws Exception {
        Execution first = begin(shell, "run", "--console");
        awaitBuilds(1);
        Execution second = begin(shell, "run");
        awaitSaid(second, "waiting for that build to end");

        mayBuild();

        assertThat(first.outcome()).extracting(Outcome::status, Outcome::out).containsExactly(0, "bh: run --console\n");
        assertThat(second.outcome()).extracting(Outcome::status, Outcome::out).containsExactly(0, "bh: run\n");
        assertThat(builds()).containsExactly("began", "ended");
        assertThat(run(shell, "run")).isEqualTo(new Outcome(0, "bh: run\n", ""));
        assertThat(run(shell, "status", "a  b")).isEqualTo(new Outcome(0, "bh: status a  b\n", ""));
        assertThat(builds()).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("shells")
    void noOtherVerbBuilds(List<String> shell) throws Exception {
        assertThat(run(shell, "status"))
                .isEqualTo(new Outcome(69, "", "bh: Bellhop has not been built here yet; ./bh run builds it\n"));
        assertThat(run(shell).status()).isEqualTo(69);
        assertThat(run(shell, "--version")).isEqualTo(new Outcome(0, "bh (Bellhop) 7.7, not built yet\n", ""));
        assertThat(run(shell, "--help").status()).isZero();
        Execution building = begin(shell, "run");
        awaitBuilds(1);

        Outcome meanwhile = run(shell, "status");

        assertThat(meanwhile.status()).isEqualTo(69);
        assertThat(meanwhile.err())
                .startsWith("bh: Bellhop is being built (log: ")
                .hasLineCount(1);
        assertThat(builds()).hasSize(1);
        mayBuild();
        assertThat(building.outcome().status()).isZero();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void aBuildThatWasInterruptedIsRepaired(List<String> shell) throws Exception {
        Execution first = begin(shell, "run");
        awaitBuilds(1);
        kill(first);
        assertThat(clone.resolve("manager/target/half")).exists();
        assertThat(run(shell, "status").err()).contains("has not been built here yet");

        mayBuild();
        assertThat(run(shell, "run")).extracting(Outcome::status, Outcome::out).containsExactly(0, "bh: run\n");

        assertThat(builds()).containsExactly("began", "began", "ended");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void aBuildThatGoesOnWithoutItsShellIsWaitedFor(List<String> shell) throws Exception {
        Execution first = begin(shell, "run");
        awaitBuilds(1);
        List<ProcessHandle> others = first.process().descendants().toList();
        first.process().destroyForcibly().waitFor();
        assertThat(others).anyMatch(ProcessHandle::isAlive);
        Execution second = begin(shell, "run");
        awaitSaid(second, "waiting for that build to end");

        mayBuild();

        assertThat(second.outcome().status()).isZero();
        assertThat(builds()).containsExactly("began", "ended");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void whatFailedIsBuiltAnewAndTheOldImageStays(List<String> shell) throws Exception {
        mayBuild();
        assertThat(run(shell, "run").status()).isZero();
        Files.setLastModifiedTime(
                clone.resolve("spi/src/main/source"), FileTime.fromMillis(System.currentTimeMillis() + 1000));
        write("../fail", "");

        Outcome failed = run(shell, "run");

        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err())
                .contains("because sources have changed", "[ERROR] no such thing", "bh: the build failed");
        assertThat(run(shell, "status")).isEqualTo(new Outcome(0, "bh: status\n", ""));
        Files.delete(folder.resolve("fail"));
        assertThat(run(shell, "run").err())
                .contains("because sources have changed")
                .endsWith("bh: built\n");
    }
}
