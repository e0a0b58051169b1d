package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.Self;
import bellhop.manager.ManagerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that root's {@code state} and {@code semaphore} serve nobody who has a hand in the directory of their file. */
@Timeout(180)
class ForeignPlacesTest {
    private static final int STRANGER = 61236;
    private static final String SECRET = "a secret of root's\n";

    private ManagerProcess programs;
    private final List<Process> strangers = new ArrayList<>();
    /** As {@code /tmp} is. */
    private Path shared;
    /** A file of root's that nobody else may read. */
    private Path secret;

    @BeforeEach
    void makeFolders() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can be another user");
        for (String program : List.of("setpriv", "flock")) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin", program)), "SKIPPED: there is no " + program + " here");
        }
        programs = new ManagerProcess();
        shared = directory("shared", 0, 01777);
        secret = Files.writeString(directory("private", 0, 0755).resolve("secret"), SECRET);
        Files.setAttribute(secret, "unix:mode", 0600);
    }

    @AfterEach
    void close() throws Exception {
        for (Process stranger : strangers) {
            stranger.destroyForcibly().waitFor();
        }
        if (programs != null) {
            assertSecretIsKept();
            programs.close();
        }
    }

    private void assertSecretIsKept() throws IOException {
        assertThat(secret).content().isEqualTo(SECRET);
        assertThat(Files.getAttribute(secret, "unix:mode")).isEqualTo(0100600);
        assertThat(Files.getAttribute(secret, "unix:uid")).isEqualTo(0);
        assertThat(programs.root().resolve("private").toFile().list()).containsExactly("secret");
    }

    private Path directory(String name, int uid, int mode) throws IOException {
        Path directory = Files.createDirectory(programs.root().resolve(name));
        Files.setAttribute(directory, "unix:uid", uid);
        Files.setAttribute(directory, "unix:mode", mode);
        return directory;
    }

    private Process stranger(String... lines) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("/usr/bin/setpriv", "--reuid=" + STRANGER, "--regid=" + STRANGER, "--clear-groups", "--"));
        command.addAll(List.of("/bin/sh", "-ec", String.join("\n", lines)));
        Process process = new ProcessBuilder(command)
                .directory(shared.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        strangers.add(process);
        return process;
    }

    private void asStranger(String... lines) throws Exception {
        assertThat(stranger(lines).waitFor()).isZero();
    }

    private Outcome state(Path file) throws Exception {
        return programs.run("state", file.toString(), "open");
    }

    private void isRefused(Path file, String why) throws Exception {
        for (Outcome outcome : List.of(state(file), programs.run("semaphore", file.toString(), "+"))) {
            assertThat(outcome.status()).isEqualTo(2);
            assertThat(outcome.out()).isEmpty();
            assertThat(outcome.err()).hasLineCount(1).contains(why);
        }
    }

    @Test
    void aFileOfTheirsInADirectoryForEverybodyIsLeftAlone() throws Exception {
        asStranger("echo 1 >door", "chmod 666 door");
        isRefused(shared.resolve("door"), shared.resolve("door") + ": belongs to uid " + STRANGER);
        assertThat(shared.resolve("door")).hasContent("1");
        assertThat(shared.resolve(".door.new")).doesNotExist();
    }

    /** While root works, its file is again and again a link, and so is what is to take its place. */
    @Test
    void whoSwapsFilesForLinksGetsNothingOfRoots() throws Exception {
        Process swapper = stranger(
                "ln -s " + secret + " link",
                "echo started",
                "while :; do",
                "echo 1 >mine; chmod 666 mine; mv -f mine door 2>/dev/null || :",
                "cp -P link new; mv -fT new .door.new 2>/dev/null || :",
                "cp -P link new; mv -fT new door 2>/dev/null || :",
                "done");
        try (BufferedReader said = swapper.inputReader()) {
            assertThat(said.readLine()).isEqualTo("started");
            for (int i = 0; i < 5; i++) {
                state(shared.resolve("door"));
                programs.run("semaphore", shared.resolve("door").toString(), "+");
                assertSecretIsKept();
            }
        }
    }

    @Test
    void aLinkOfTheirsIsNotFollowedAndOneOfRootsIs() throws Exception {
        asStranger("ln -s " + secret + " door");
        isRefused(shared.resolve("door"), shared.resolve("door") + ": a symbolic link of uid " + STRANGER);
        asStranger("rm door", "ln -s " + secret.getParent() + " door");
        isRefused(shared.resolve("door/secret"), shared.resolve("door") + ": a symbolic link of uid " + STRANGER);
        asStranger("rm door");

        Path mine = directory("mine", 0, 0755);
        Files.createSymbolicLink(shared.resolve("one"), Path.of("two"));
        Files.createSymbolicLink(shared.resolve("two"), Path.of("../mine/../mine/door"));
        assertThat(state(shared.resolve("one"))).isEqualTo(new Outcome(0, "", ""));
        assertThat(mine.resolve("door")).hasContent("open");
        assertThat(mine.toFile().list()).containsExactlyInAnyOrder("door", ".door.lock");
        Files.createSymbolicLink(shared.resolve("directory"), mine);
        assertThat(state(shared.resolve("directory/door"))).isEqualTo(new Outcome(1, "", ""));
        Files.createSymbolicLink(shared.resolve("loop"), Path.of("loop"));
        isRefused(shared.resolve("loop"), "too many symbolic links");
    }

    @Test
    void aDirectoryThatTheyCanChangeIsRefused() throws Exception {
        isRefused(
                directory("theirs", STRANGER, 0755).resolve("door"),
                programs.root().resolve("theirs") + ": belongs to uid " + STRANGER);
        isRefused(
                directory("theirs-and-sticky", STRANGER, 01777).resolve("door"),
                programs.root().resolve("theirs-and-sticky") + ": belongs to uid " + STRANGER);
        for (int mode : new int[] {0777, 0775}) {
            Path open = directory("open" + mode, 0, mode);
            isRefused(open.resolve("door"), open + ": writable by others");
            assertThat(open).isEmptyDirectory();
        }
    }

    @Test
    void inADirectoryForEverybodyAFileIsMadeAndChanged() throws Exception {
        Path door = shared.resolve("door");
        asStranger("ln -s " + secret + " .door.new");
        assertThat(state(door)).isEqualTo(new Outcome(0, "", ""));
        assertThat(state(door)).isEqualTo(new Outcome(1, "", ""));
        assertThat(door).hasContent("open").isRegularFile();
        assertThat(Files.getAttribute(door, "unix:uid")).isEqualTo(0);
        assertThat(programs.run("state", "shared/../shared/./door", "closed")).isEqualTo(new Outcome(0, "", ""));
        assertThat(door).hasContent("closed");
        assertThat(shared.toFile().list()).containsExactlyInAnyOrder("door", ".door.lock");
        assertThat(shared.resolve(".door.lock")).isEmptyFile();
        assertThat(Files.getAttribute(shared.resolve(".door.lock"), "unix:mode"))
                .isEqualTo(0100600);
    }

    @Test
    void aFileOfAnotherUserInADirectoryOfRootsStaysTheirs() throws Exception {
        Path count = Files.writeString(directory("mine", 0, 0755).resolve("count"), "5\n");
        Files.setAttribute(count, "unix:mode", 0640);
        Files.setAttribute(count, "unix:uid", STRANGER);
        Files.setAttribute(count, "unix:gid", STRANGER);
        assertThat(programs.run("semaphore", count.toString(), "+")).isEqualTo(new Outcome(1, "", ""));
        assertThat(count).hasContent("6");
        assertThat(Files.getAttribute(count, "unix:mode")).isEqualTo(0100640);
        assertThat(Files.getAttribute(count, "unix:uid")).isEqualTo(STRANGER);
        assertThat(Files.getAttribute(count, "unix:gid")).isEqualTo(STRANGER);
    }

    /** Whoever may read a directory or a file may lock it. */
    @ParameterizedTest
    @ValueSource(ints = {01777, 0755})
    void theirLocksHoldNobodyUp(int mode) throws Exception {
        Path directory = directory("locked", 0, mode);
        Path door = Files.writeString(directory.resolve("door"), "closed\n");
        Process locker =
                stranger("exec 3<" + directory + " 4<" + door, "flock 3", "flock 4", "echo locked", "exec sleep 1000");
        try (BufferedReader said = locker.inputReader()) {
            assertThat(said.readLine()).isEqualTo("locked");
            assertThat(state(door)).isEqualTo(new Outcome(0, "", ""));
            assertThat(programs.run("semaphore", directory + "/count", "+")).isEqualTo(new Outcome(0, "", ""));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo >.door.lock; chmod 666 .door.lock; exec 3<.door.lock; flock 3",
                "mkfifo .door.lock",
                "mkdir .door.lock",
                "ln -s /dev/null .door.lock"
            })
    void whatTheyPutInPlaceOfTheLockIsNamed(String lines) throws Exception {
        Process locker = stranger(lines, "echo locked", "exec sleep 1000");
        try (BufferedReader said = locker.inputReader()) {
            assertThat(said.readLine()).isEqualTo("locked");
            isRefused(shared.resolve("door"), shared.resolve(".door.lock") + ": is in the way of a lock");
        }
        assertThat(shared.resolve("door")).doesNotExist();
    }
}
