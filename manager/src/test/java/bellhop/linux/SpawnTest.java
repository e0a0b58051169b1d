package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import bellhop.Await;
import bellhop.linux.Children.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpawnTest {
    private static final int STARTS = 100;

    private static final List<String> ENVIRONMENT = List.of("PATH=/usr/bin:/bin");

    private final Children children = new Children();

    @TempDir
    Path folder;

    @AfterEach
    void nothingIsLeft() throws IOException {
        children.close();
    }

    @Test
    void theChildLeadsASessionAndGroupOfItsOwn() throws IOException {
        Child child = children.start("sleep", "1000");

        Proc.Task task = child.task().orElseThrow();

        assertThat(task.pgrp()).isEqualTo(child.pid);
        assertThat(task.session()).isEqualTo(child.pid);
        assertThat(task.ppid()).isEqualTo(Proc.self());
    }

    @Test
    void everySignalHasItsDefaultDispositionAndNoneIsBlocked() throws IOException {
        String status = children.start("cat", "/proc/self/status").rest();

        assertThat(status).containsPattern("SigBlk:\\s0{16}\n");
        assertThat(status).containsPattern("SigIgn:\\s0{16}\n");
        assertThat(status).containsPattern("SigCgt:\\s0{16}\n");
    }

    @Test
    void soItIsWhereThisProcessWasStartedWithSignalsIgnoredAndNoStatusIsLostForThat() throws IOException {
        assumeThat(children.start("env", "--ignore-signal=CHLD", "true").reap())
                .as("env --ignore-signal, of coreutils 8.31")
                .isEqualTo(new ExitStatus.NormalExit(0));

        Child java = children.java(
                "trap '' HUP WINCH; set -- env --ignore-signal=CHLD \"$@\"", StartedWithSignalsIgnored.class);

        assertThat(java.line()).isEqualTo("mine ignored: yes");
        assertThat(java.line()).matches("SigBlk:\\s0{16}");
        assertThat(java.line()).matches("SigIgn:\\s0{16}");
        assertThat(java.line()).matches("SigCgt:\\s0{16}");
        assertThat(java.line()).isEqualTo("NormalExit[code=7]");
        assertThat(java.reap()).isEqualTo(new ExitStatus.NormalExit(0));
    }

    @Test
    void theChildHasItsThreeStandardDescriptorsAndNoOther() throws IOException {
        Child child = children.sh("echo settled; sleep 1000; exit");
        assertThat(child.line()).isEqualTo("settled");
        Path descriptors = Path.of("/proc/" + child.pid + "/fd");

        try (var entries = Files.list(descriptors)) {
            assertThat(entries.map(Path::getFileName).map(Path::toString)).containsExactlyInAnyOrder("0", "1", "2");
        }
        assertThat(Files.readSymbolicLink(descriptors.resolve("0"))).hasToString("/dev/null");
        assertThat(Files.readSymbolicLink(descriptors.resolve("1")).toString()).startsWith("pipe:");
        assertThat(Files.readSymbolicLink(descriptors.resolve("2")).toString()).startsWith("pipe:");
    }

    @Test
    void aFurtherFileIsOpenForReadingAndWritingAtItsNumber() throws IOException {
        Path fifo = folder.resolve("fifo");
        Fd.mkfifo(fifo, 0600);
        Path lock = folder.resolve("with space");
        Files.createFile(lock);
        List<Spawn.Opened> opened = List.of(new Spawn.Opened(7, fifo), new Spawn.Opened(3, lock));
        // While a program begins it opens its libraries, too.
        List<String> settling = List.of("sh", "-c", "(echo settled >&7); kill -STOP $$; exit");
        Spawn.Command plain = new Spawn.Command(settling, ENVIRONMENT, Path.of("/"), 1, 2);

        int pid = Spawn.start(plain.with(opened));

        try (var lines = Files.newBufferedReader(fifo)) {
            assertThat(lines.readLine()).isEqualTo("settled");
        }
        Path descriptors = Path.of("/proc/" + pid + "/fd");
        try (var entries = Files.list(descriptors)) {
            assertThat(entries.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder("0", "1", "2", "3", "7");
        }
        assertThat(Files.readSymbolicLink(descriptors.resolve("7"))).isEqualTo(fifo.toRealPath());
        assertThat(Files.readSymbolicLink(descriptors.resolve("3"))).isEqualTo(lock.toRealPath());
        assertThat(Files.readString(Path.of("/proc/" + pid + "/fdinfo/7"))).containsPattern("flags:\\s+0?[0-9]*2\n");
        Signals.kill(pid, Signals.KILL);
        Wait.reapPid(pid);
    }

    @Test
    void aFurtherFileThatIsNotThereIsNamed() {
        Spawn.Command plain = new Spawn.Command(List.of("/bin/true"), ENVIRONMENT, folder, 1, 2);

        SpawnException failure = catchThrowableOfType(
                SpawnException.class,
                () -> Spawn.start(plain.with(List.of(new Spawn.Opened(3, folder.resolve("none"))))));

        assertThat(failure.stage()).isEqualTo(Spawn.Stage.OPENING_FILE);
        assertThat(failure)
                .hasMessage("opening " + folder + "/none as descriptor 3: No such file or directory (ENOENT)");
    }

    @Test
    void outputsMayBeTheStandardDescriptorsOfThisProcessInAnyOrder() throws IOException {
        int pid = Spawn.start(new Spawn.Command(List.of("sleep", "1000"), ENVIRONMENT, Path.of("/"), 2, 0));

        String out = Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/1")).toString();
        String err = Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/2")).toString();
        Signals.kill(pid, Signals.KILL);
        ExitStatus status = Wait.reapPid(pid);

        assertThat(out)
                .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString());
        assertThat(err)
                .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString());
        assertThat(status).isEqualTo(new ExitStatus.KilledBySignal(Signals.KILL, false));
    }

    @Test
    void limitsAndUmaskAreThoseOfThisProcess() throws IOException {
        String limits = children.start("cat", "/proc/self/limits").rest();
        String status = children.start("cat", "/proc/self/status").rest();

        assertThat(limits.lines().filter(line -> line.startsWith("Max open files")))
                .isEqualTo(linesOfMine("limits", "Max open files"))
                .isNotEmpty();
        assertThat(status.lines().filter(line -> line.startsWith("Umask")))
                .isEqualTo(linesOfMine("status", "Umask"))
                .isNotEmpty();
    }

    private static List<String> linesOfMine(String file, String start) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/" + file)).stream()
                .filter(line -> line.startsWith(start))
                .toList();
    }

    @Test
    void theChildStartsInTheDirectory() throws IOException {
        Child child = children.start(folder, ENVIRONMENT, "sleep", "1000");

        assertThat(Files.readSymbolicLink(Path.of("/proc/" + child.pid + "/cwd")))
                .isEqualTo(folder.toRealPath());
    }

    @Test
    void aRelativeProgramIsOneOfTheDirectory() throws IOException {
        script("run", "#!/bin/sh\necho here\n");

        assertThat(children.start(folder, ENVIRONMENT, "./run").line()).isEqualTo("here");
    }

    @Test
    void theEnvironmentIsWhatWasGivenAndNothingElse() throws IOException {
        Child child = children.start(Path.of("/"), List.of("A=1", "B=two words", "C=", "PATH=/usr/bin:/bin"), "env");

        assertThat(child.rest()).isEqualTo("A=1\nB=two words\nC=\nPATH=/usr/bin:/bin\n");
    }

    @Test
    void argumentsArriveByteForByte() throws IOException {
        String notUtf8 = CText.decode(new byte[] {'<', (byte) 0xE9, (byte) 0x80, '>'}, 0, 4);

        Child child = children.start("printf", "%s|", "", "two words", "é", notUtf8, "\"'$\\\n");

        assertThat(child.rest()).isEqualTo("|two words|Ã©|<é\u0080>|\"'$\\\n|");
    }

    @Test
    void aProgramWithoutASlashIsLookedForInThePathOfItsOwnEnvironment() throws IOException {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Files.createDirectories(folder.resolve("first/only-mine"));
        script("bin/only-mine", "#!/bin/sh\necho found\n");

        Child absolute =
                children.start(Path.of("/"), List.of("PATH=" + folder.resolve("first") + ":" + bin), "only-mine");
        Child relative = children.start(folder, List.of("PATH=first:bin"), "only-mine");

        assertThat(absolute.line()).isEqualTo("found");
        assertThat(relative.line()).isEqualTo("found");
    }

    @Test
    void aMissingProgramIsNamed() {
        SpawnException failure = failure(folder, folder + "/run");

        assertThat(failure).hasMessage("executing %s/run: No such file or directory (ENOENT)", folder);
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.EXECUTING);
        assertThat(failure.errno()).isEqualTo(Errno.ENOENT);
        assertThat(failure).hasCause(new PosixException("posix_spawn", Errno.ENOENT, folder + "/run"));
    }

    @Test
    void aProgramThatIsNowhereInThePathIsNamed() {
        assertThat(failure(folder, "no-such-program"))
                .hasMessage("executing no-such-program: No such file or directory (ENOENT)");
    }

    @Test
    void aProgramInThePathThatMayNotBeExecutedSaysSo() throws IOException {
        Files.writeString(folder.resolve("mine"), "#!/bin/sh\n");

        SpawnException failure = catchThrowableOfType(
                SpawnException.class, () -> children.start(Path.of("/"), List.of("PATH=/usr/bin:" + folder), "mine"));

        assertThat(failure).hasMessage("executing mine: Permission denied (EACCES)");
    }

    @Test
    void aScriptThatIsNotExecutableSaysSo() throws IOException {
        Files.writeString(folder.resolve("run"), "#!/bin/sh\n");

        SpawnException failure = failure(folder, "./run");

        assertThat(failure).hasMessage("executing ./run: Permission denied (EACCES)");
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.EXECUTING);
        assertThat(failure.errno()).isEqualTo(Errno.EACCES);
    }

    @Test
    void aDirectoryIsNoProgram() {
        SpawnException failure = failure(folder, folder.toString());

        assertThat(failure).hasMessage("executing %s: Permission denied (EACCES)", folder);
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.EXECUTING);
    }

    @Test
    void aScriptWithoutAFirstLineThatNamesItsInterpreterIsNoProgram() throws IOException {
        script("run", "echo never\n");

        SpawnException failure = failure(folder, "./run");

        assertThat(failure).hasMessage("executing ./run: Exec format error (ENOEXEC)");
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.EXECUTING);
        assertThat(failure.errno()).isEqualTo(Errno.ENOEXEC);
    }

    @Test
    void aMissingInterpreterIsNamedTogetherWithItsScript() throws IOException {
        script("run", "#! /no/such/shell -e\n");

        SpawnException failure = failure(folder, "./run");

        assertThat(failure)
                .hasMessage("executing the interpreter /no/such/shell of ./run: No such file or directory (ENOENT)");
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.INTERPRETER);
        assertThat(failure.errno()).isEqualTo(Errno.ENOENT);
    }

    @Test
    void aCarriageReturnAfterTheInterpreterIsShown() throws IOException {
        script("run", "#!/bin/sh\r\necho never\r\n");

        assertThat(failure(folder, "./run"))
                .hasMessage("executing the interpreter /bin/sh\\r of ./run: No such file or directory (ENOENT)");
    }

    @Test
    void anInterpreterThatIsNotExecutableIsNamed() throws IOException {
        Files.writeString(folder.resolve("shell"), "");
        script("run", "#!" + folder + "/shell\n");

        SpawnException failure = failure(folder, "./run");

        assertThat(failure)
                .hasMessage("executing the interpreter %s/shell of ./run: Permission denied (EACCES)", folder);
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.INTERPRETER);
    }

    @Test
    void argumentsThatAreTooLongSaySo() {
        SpawnException failure = failure(folder, "/bin/echo", "x".repeat(3 << 20));

        assertThat(failure).hasMessage("executing /bin/echo: Argument list too long (E2BIG)");
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.EXECUTING);
        assertThat(failure.errno()).isEqualTo(Errno.E2BIG);
    }

    @Test
    void anArgumentWithANulIsRefusedInsteadOfCutShort() {
        SpawnException failure = failure(folder, "/bin/echo", "a\0b");

        assertThat(failure).hasMessage("executing /bin/echo: Invalid argument (EINVAL)");
    }

    @Test
    void aMissingDirectoryIsNamed() {
        SpawnException failure = failure(folder.resolve("gone"), "/bin/true");

        assertThat(failure).hasMessage("changing directory to %s/gone: No such file or directory (ENOENT)", folder);
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.CHANGING_DIRECTORY);
        assertThat(failure.errno()).isEqualTo(Errno.ENOENT);
    }

    @Test
    void aDirectoryThatIsNoneIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        SpawnException failure = failure(file, "/bin/true");

        assertThat(failure).hasMessage("changing directory to %s: Not a directory (ENOTDIR)", file);
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.CHANGING_DIRECTORY);
    }

    @ParameterizedTest
    @ValueSource(ints = {9999, Integer.MAX_VALUE})
    void anOutputThatIsNoDescriptorIsNamed(int fd) {
        SpawnException failure = catchThrowableOfType(
                SpawnException.class,
                () -> Spawn.start(new Spawn.Command(List.of("/bin/true"), ENVIRONMENT, folder, 1, fd)));

        assertThat(failure).hasMessage("taking over descriptor %d: Bad file descriptor (EBADF)", fd);
        assertThat(failure.stage()).isEqualTo(Spawn.Stage.OPENING_OUTPUT);
    }

    @Test
    void whereNoFurtherProcessIsAllowedTheStageIsForking() throws IOException {
        assumeThat(Path.of("/usr/bin/prlimit")).as("prlimit, of util-linux").isExecutable();
        String asNobody = "";
        if (Self.euid() == 0) {
            asNobody = "set -- setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"";
            String classes =
                    Fd.class.getProtectionDomain().getCodeSource().getLocation().getPath();
            assumeThat(children.sh("set -- test -r " + classes + "; " + asNobody + "; exec \"$@\"")
                            .reap())
                    .as("setpriv, and classes that an ordinary user can read")
                    .isEqualTo(new ExitStatus.NormalExit(0));
        }

        Child java = children.java(asNobody, NoProcessesLeft.class);

        assertThat(java.line()).isEqualTo("before: NormalExit[code=4]");
        assertThat(java.line()).isEqualTo("limit: NormalExit[code=0]");
        assertThat(java.line())
                .isEqualTo("FORKING: starting a process for /bin/sh: Resource temporarily unavailable (EAGAIN)");
    }

    @Test
    void aFailedStartLeavesNoChildAndNoDescriptor() throws IOException {
        failure(folder, folder + "/run");
        long descriptors = descriptors();
        long processes = children();

        for (int i = 0; i < STARTS; i++) {
            failure(folder, folder + "/run");
            failure(folder.resolve("gone"), "/bin/true");
        }

        // Tests beside this one have some for a while, and in the end fewer than starts that leave one each.
        Await.until("no start has left a descriptor", () -> descriptors() < descriptors + STARTS);
        Await.until("no start has left a child", () -> children() < processes + STARTS);
    }

    private static long children() throws IOException {
        return Proc.census().stream().filter(task -> task.ppid() == Proc.self()).count();
    }

    private static long descriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }

    private static SpawnException failure(Path directory, String... argv) {
        return catchThrowableOfType(
                SpawnException.class,
                () -> Spawn.start(new Spawn.Command(List.of(argv), ENVIRONMENT, directory, 1, 2)));
    }

    private void script(String name, String text) throws IOException {
        Path script = Files.writeString(folder.resolve(name), text);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
