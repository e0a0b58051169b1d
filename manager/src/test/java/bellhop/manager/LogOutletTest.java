package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.DefinitionBuilder;
import bellhop.catalog.TrustCheck;
import bellhop.definition.Definition;
import bellhop.definition.LogSettings;
import bellhop.definition.ProcessSettings;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.process.ScriptOutput;
import bellhop.engine.record.Records;
import bellhop.linux.Fd;
import bellhop.linux.Self;
import bellhop.linux.Spawn;
import bellhop.linux.Wait;
import bellhop.log.LogPump;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies where the output of real processes goes, under other users too. */
class LogOutletTest {

    private static final int NOBODY = 65534;

    @TempDir
    Path home;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private Records records;
    private LogPump pump;
    private ScriptOutput outlet;

    @BeforeEach
    void startPump() throws Exception {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        records = Records.take(home.resolve("run"));
        pump = new LogPump(
                home.resolve("log"),
                home.resolve("notes"),
                InstantSource.system(),
                (lines, last) -> {
                    console.writeBytes(lines);
                    return true;
                },
                line -> {});
        pump.start();
        outlet = new LogOutlet(pump, records, home.resolve("log"), TrustCheck.none(), false);
    }

    @AfterEach
    void closePump() throws Exception {
        pump.close();
        records.close();
    }

    private Definition definition(LogSettings log, boolean asNobody) throws Exception {
        ProcessSettings process = new ProcessSettings(
                Optional.empty(),
                OptionalInt.empty(),
                asNobody ? Optional.of(Integer.toString(NOBODY)) : Optional.empty(),
                Optional.empty(),
                List.of(),
                new LinkedHashMap<>(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                List.of(),
                false);
        return DefinitionBuilder.of(ServiceName.parse("a"), home, Map.of())
                .log(log)
                .process(process)
                .build();
    }

    /** Runs a shell's words as the definition's user and waits until all is where it goes. */
    private int says(Definition definition, Script script, String words) throws Exception {
        ScriptOutput.Streams streams = outlet.open(definition, script);
        try {
            List<String> sh = List.of("sh", "-c", words);
            List<String> asNobody = List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
            boolean other = script == Script.RUN && definition.process().user().isPresent();
            List<String> command = other
                    ? java.util.stream.Stream.concat(asNobody.stream(), sh.stream())
                            .toList()
                    : sh;
            return Spawn.start(new Spawn.Command(
                    command, List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), home, streams.out(), streams.err()));
        } finally {
            outlet.release(streams);
        }
    }

    private void said(Definition definition, Script script, String words) throws Exception {
        assertThat(Wait.reapPid(says(definition, script, words))).isEqualTo(new bellhop.linux.ExitStatus.NormalExit(0));
    }

    private static void needsRoot() {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can run a process as somebody else");
    }

    private Path current() {
        return home.resolve("log/a/current");
    }

    @Test
    void anotherUserCanOpenItsOutputAgain() throws Exception {
        needsRoot();
        LogSettings plain = new LogSettings(LogSettings.To.FILE, 1 << 20, 5, false, false);
        said(definition(plain, true), Script.PRE, "echo prepared > /dev/stderr");
        said(definition(plain, true), Script.RUN, "echo one > /dev/stdout; echo two > /proc/self/fd/2");
        said(definition(plain, false), Script.RUN, "echo three > /dev/stdout");
        pump.close();
        assertThat(current()).hasContent("[pre] prepared\none\ntwo\nthree\n");
    }

    @Test
    void aServiceAppendsToItsFileItself() throws Exception {
        needsRoot();
        Definition direct = definition(new LogSettings(LogSettings.To.FILE, 1, 0, true, true), true);
        said(direct, Script.PRE, "echo prepared");
        said(direct, Script.RUN, "echo one; echo two >> /dev/stdout; echo three >> /proc/self/fd/2");
        assertThat(current()).hasContent("prepared\none\ntwo\nthree\n");
        assertThat(Fd.stat(current()).uid()).isEqualTo(NOBODY);
        assertThat(Fd.stat(home.resolve("log/a")).uid()).isZero();
        // Who had it open as that user writes on to where it is then.
        int kept = Fd.open(current(), Fd.O_WRONLY | Fd.O_APPEND, 0);
        said(definition(new LogSettings(LogSettings.To.FILE, 1, 0, true, true), false), Script.RUN, "echo four");
        Fd.write(
                kept,
                java.nio.ByteBuffer.allocateDirect(7)
                        .put("forged\n".getBytes(StandardCharsets.UTF_8))
                        .flip());
        Fd.close(kept);
        assertThat(Fd.stat(current()).uid()).isZero();
        assertThat(current()).hasContent("four\n");
        assertThat(current().resolveSibling("current.1")).hasContent("prepared\none\ntwo\nthree\nforged\n");
    }

    @Test
    void onlyAFileIsAppendedTo() throws Exception {
        Files.createDirectories(home.resolve("log/a"));
        Files.createSymbolicLink(current(), home.resolve("elsewhere"));
        Definition direct = definition(new LogSettings(LogSettings.To.FILE, 1, 0, true, true), false);
        assertThatThrownBy(() -> outlet.open(direct, Script.RUN)).isInstanceOf(IOException.class);
        assertThat(home.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void nothingIsKept() throws Exception {
        Definition none = definition(new LogSettings(LogSettings.To.NONE, 1, 0, true, false), false);
        said(none, Script.RUN, "echo one; test \"$(readlink /proc/self/fd/2)\" = /dev/null");
        assertThat(home.resolve("log")).doesNotExist();
    }

    @Test
    void theConsoleGetsLinesWithTheName() throws Exception {
        Definition shown = definition(new LogSettings(LogSettings.To.CONSOLE, 1, 0, true, false), false);
        said(shown, Script.PRE, "echo one");
        said(shown, Script.RUN, "echo two; printf three");
        pump.close();
        assertThat(console.toString(StandardCharsets.UTF_8).lines())
                .containsExactlyInAnyOrder("a: [pre] one", "a: two", "a: three");
        assertThat(home.resolve("log")).doesNotExist();
    }
}
