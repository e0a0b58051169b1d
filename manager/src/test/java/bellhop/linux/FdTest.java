package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FdTest {

    @TempDir
    Path folder;

    private final List<Integer> opened = new ArrayList<>();

    @AfterEach
    void close() throws PosixException {
        for (int fd : opened) {
            Fd.close(fd);
        }
    }

    private int open(Path path, int flags) throws PosixException {
        int fd = Fd.open(path, flags, 0644);
        opened.add(fd);
        return fd;
    }

    private int[] pipe(int flags) throws PosixException {
        int[] pipe = Fd.pipe(flags);
        opened.add(pipe[0]);
        opened.add(pipe[1]);
        return pipe;
    }

    private static ByteBuffer direct(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private static String read(int fd) throws PosixException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(100);
        int count = Fd.read(fd, buffer);
        assertThat(count).isEqualTo(buffer.position());
        return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
    }

    @Test
    void aFileIsWrittenAndReadToItsEnd() throws IOException {
        int fd = open(folder.resolve("file"), Fd.O_CREAT | Fd.O_EXCL | Fd.O_RDWR);

        assertThat(Fd.write(fd, direct("two words"))).isEqualTo(9);

        int again = open(folder.resolve("file"), Fd.O_RDONLY);
        assertThat(read(again)).isEqualTo("two words");
        assertThat(read(again)).isEmpty();
    }

    @Test
    void appendTruncateAndExclusiveMeanWhatTheySay() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "one");

        Fd.write(open(file, Fd.O_WRONLY | Fd.O_APPEND), direct(" two"));
        assertThat(file).hasContent("one two");
        open(file, Fd.O_WRONLY | Fd.O_TRUNC);
        assertThat(file).isEmptyFile();
        assertThatThrownBy(() -> open(file, Fd.O_WRONLY | Fd.O_CREAT | Fd.O_EXCL))
                .hasMessage("open(%s): File exists (EEXIST)", file);
    }

    @Test
    void linksAndFilesAreRefusedWhereNoneIsWanted() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        assertThatThrownBy(() -> open(link, Fd.O_RDONLY | Fd.O_NOFOLLOW)).hasMessageContaining("(ELOOP)");
        assertThatThrownBy(() -> open(file, Fd.O_RDONLY | Fd.O_DIRECTORY)).hasMessageContaining("(ENOTDIR)");
    }

    @Test
    void aFailureTellsCallArgumentsAndReason() {
        assertThatThrownBy(() -> Fd.open("/no/such", Fd.O_RDONLY, 0))
                .isInstanceOfSatisfying(PosixException.class, failure -> {
                    assertThat(failure).hasMessage("open(/no/such): No such file or directory (ENOENT)");
                    assertThat(failure.call()).isEqualTo("open");
                    assertThat(failure.errno()).isEqualTo(Errno.ENOENT);
                    assertThat(failure.reason()).isEqualTo("No such file or directory (ENOENT)");
                });
    }

    @Test
    void aPathThatNoCallCouldTakeIsRefused() {
        assertThatThrownBy(() -> Fd.open("/" + "x".repeat(5000), Fd.O_RDONLY, 0))
                .hasMessage("open(/%s...): File name too long (ENAMETOOLONG)", "x".repeat(59));
        assertThatThrownBy(() -> Fd.open("/tmp\0/x", Fd.O_RDONLY, 0))
                .hasMessage("open(/tmp\\0/x): Invalid argument (EINVAL)");
    }

    @Test
    void aNameThatIsNotUtf8IsFoundByItsBytes() throws IOException {
        String name = CText.decode(new byte[] {'a', (byte) 0xFF}, 0, 2);

        int fd = Fd.open(folder + "/" + name, Fd.O_CREAT | Fd.O_WRONLY, 0600);
        opened.add(fd);

        assertThat(Fd.stat(folder + "/" + name).isRegular()).isTrue();
    }

    @Test
    void whatIsOpenedClosesOnExec() throws IOException {
        List<Integer> all = new ArrayList<>(List.of(open(folder, Fd.O_RDONLY), Fd.eventfd()));
        opened.add(all.getLast());
        for (int fd : pipe(0)) {
            all.add(fd);
        }
        int copy = Fd.duplicate(all.getFirst(), 100);
        opened.add(copy);
        all.add(copy);

        assertThat(copy).isGreaterThanOrEqualTo(100);
        for (int fd : all) {
            String flags = Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
                    .filter(line -> line.startsWith("flags:"))
                    .findFirst()
                    .orElseThrow();
            assertThat(Integer.parseInt(flags.substring(6).strip(), 8) & Fd.O_CLOEXEC)
                    .isNotZero();
        }
    }

    @Test
    void aNonBlockingPipeSaysThatItWouldBlock() throws IOException {
        int[] pipe = pipe(Fd.O_NONBLOCK);
        ByteBuffer room = ByteBuffer.allocateDirect(10);

        assertThat(Fd.read(pipe[0], room)).isEqualTo(Fd.WOULD_BLOCK);
        assertThat(room.position()).isZero();
        ByteBuffer large = ByteBuffer.allocateDirect(1 << 20);
        assertThat(Fd.write(pipe[1], large)).isEqualTo(1 << 16);
        assertThat(large.position()).isEqualTo(1 << 16);
        assertThat(Fd.write(pipe[1], large)).isEqualTo(Fd.WOULD_BLOCK);
    }

    @Test
    void anyPipeIsMadeNonBlockingAndBack() throws IOException {
        int[] pipe = pipe(0);

        Fd.setNonBlocking(pipe[0], true);
        assertThat(Fd.read(pipe[0], ByteBuffer.allocateDirect(1))).isEqualTo(Fd.WOULD_BLOCK);
        Fd.setNonBlocking(pipe[0], false);
        Fd.write(pipe[1], direct("x"));
        assertThat(read(pipe[0])).isEqualTo("x");
    }

    @Test
    void aPipeThatNobodyReadsIsAnErrorAndNoSignal() throws IOException {
        int[] pipe = Fd.pipe(0);
        opened.add(pipe[1]);
        Fd.close(pipe[0]);

        assertThatThrownBy(() -> Fd.write(pipe[1], direct("x"))).hasMessageContaining("Broken pipe (EPIPE)");
    }

    @Test
    void onlyDirectBuffersAreTaken() {
        assertThatIllegalArgumentException().isThrownBy(() -> Fd.read(0, ByteBuffer.allocate(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> Fd.write(1, ByteBuffer.allocate(1)));
    }

    @Test
    void teeCopiesAndLeavesWhatItCopied() throws IOException {
        int[] from = pipe(0);
        int[] to = pipe(0);
        Fd.write(from[1], direct("a line\n"));

        assertThat(Fd.tee(from[0], to[1], 1 << 16, Fd.SPLICE_F_NONBLOCK)).isEqualTo(7);

        assertThat(read(to[0])).isEqualTo("a line\n");
        assertThat(read(from[0])).isEqualTo("a line\n");
    }

    @Test
    void unreadTellsHowMuchAPipeHolds() throws IOException {
        int[] pipe = pipe(0);
        assertThat(Fd.unread(pipe[0])).isZero();
        Fd.write(pipe[1], direct("7 bytes"));
        assertThat(Fd.unread(pipe[0])).isEqualTo(7);
        assertThatThrownBy(() -> Fd.unread(-1)).hasMessage("ioctl(-1, FIONREAD): Bad file descriptor (EBADF)");
    }

    @Test
    void teeTellsAnEmptyPipeFromOneThatHasEnded() throws IOException {
        int[] from = Fd.pipe(0);
        opened.add(from[0]);
        int[] to = pipe(0);

        assertThat(Fd.tee(from[0], to[1], 100, Fd.SPLICE_F_NONBLOCK)).isEqualTo(Fd.WOULD_BLOCK);
        Fd.close(from[1]);
        assertThat(Fd.tee(from[0], to[1], 100, Fd.SPLICE_F_NONBLOCK)).isZero();
    }

    @Test
    void aFifoIsMadeOnceAndHasNoReaderUntilItHasOne() throws IOException {
        Path fifo = folder.resolve("fifo");

        Fd.mkfifo(fifo, 0600);

        assertThat(Fd.lstat(fifo)).satisfies(stat -> {
            assertThat(stat.isFifo()).isTrue();
            assertThat(stat.permissions()).isEqualTo(0600);
            assertThat(stat.links()).isEqualTo(1);
            assertThat(stat.uid()).isEqualTo(Self.euid());
        });
        assertThatThrownBy(() -> Fd.mkfifo(fifo, 0600)).hasMessage("mkfifo(%s): File exists (EEXIST)", fifo);
        assertThatThrownBy(() -> open(fifo, Fd.O_WRONLY | Fd.O_NONBLOCK))
                .hasMessage("open(%s): No such device or address (ENXIO)", fifo);
        open(fifo, Fd.O_RDWR);
        open(fifo, Fd.O_WRONLY | Fd.O_NONBLOCK);
    }

    @Test
    void aLockIsHeldByOneOpenFileUntilItIsUnlockedOrClosed() throws IOException {
        Path file = folder.resolve("lock");
        int mine = Fd.open(file, Fd.O_CREAT | Fd.O_RDWR, 0600);
        int other = open(file, Fd.O_RDWR);

        assertThat(Fd.flock(mine, Fd.LOCK_EX)).isTrue();
        assertThat(Fd.flock(other, Fd.LOCK_EX | Fd.LOCK_NB)).isFalse();
        assertThat(Fd.flock(other, Fd.LOCK_SH | Fd.LOCK_NB)).isFalse();
        assertThat(Fd.flock(mine, Fd.LOCK_UN)).isTrue();
        assertThat(Fd.flock(other, Fd.LOCK_SH | Fd.LOCK_NB)).isTrue();
        assertThat(Fd.flock(mine, Fd.LOCK_SH)).isTrue();
        Fd.close(mine);
        assertThat(Fd.flock(other, Fd.LOCK_EX | Fd.LOCK_NB)).isTrue();
    }

    @Test
    void whatAFileIsAgreesWithWhatJavaSays() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "12345");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
        Files.createLink(folder.resolve("second"), file);

        for (Path path : List.of(file, folder, Path.of("/dev/null"), Path.of("/proc/self/status"))) {
            Stat stat = Fd.stat(path);
            var expected = Files.readAttributes(path, "unix:*");
            assertThat(stat.mode()).isEqualTo(expected.get("mode"));
            assertThat(stat.uid()).isEqualTo(expected.get("uid"));
            assertThat(stat.gid()).isEqualTo(expected.get("gid"));
            assertThat(stat.dev()).isEqualTo(expected.get("dev"));
            assertThat(stat.ino()).isEqualTo(expected.get("ino"));
            assertThat(stat.links()).isEqualTo(expected.get("nlink"));
        }
        assertThat(Fd.stat(file).size()).isEqualTo(5);
        assertThat(Fd.stat(link)).isEqualTo(Fd.stat(file));
        assertThat(Fd.lstat(link).isSymbolicLink()).isTrue();
        assertThat(Fd.fstat(open(link, Fd.O_RDONLY))).isEqualTo(Fd.lstat(file));
        assertThat(Fd.stat(Path.of("/dev/null")).isCharacterDevice()).isTrue();
        assertThatThrownBy(() -> Fd.lstat(folder.resolve("gone")))
                .hasMessage("statx(%s/gone): No such file or directory (ENOENT)", folder);
        assertThatThrownBy(() -> Fd.fstat(9999)).hasMessage("statx(fd 9999): Bad file descriptor (EBADF)");
    }

    @Test
    void aDeviceNumberIsMadeAsTheCLibraryMakesIt() {
        assertThat(Statx.makedev(254, 0)).isEqualTo(65024);
        assertThat(Statx.makedev(0x12345, 0x6789A)).isEqualTo(0x12000_6783_459AL);
    }

    @Test
    void modeAndOwnerAreSetOnTheOpenFile() throws IOException {
        int fd = open(folder.resolve("file"), Fd.O_CREAT | Fd.O_RDWR);

        Fd.fchmod(fd, 01730);
        Fd.fchown(fd, Self.euid(), -1);

        assertThat(Fd.fstat(fd).permissions()).isEqualTo(01730);
        assertThatThrownBy(() -> Fd.fchmod(9999, 0600)).hasMessage("fchmod(9999, 0600): Bad file descriptor (EBADF)");
    }

    @Test
    void whatIsNoTerminalIsNone() throws IOException {
        assertThat(Fd.isatty(pipe(0)[0])).isFalse();
        assertThat(Fd.isatty(9999)).isFalse();
    }

    @Test
    void whatIsNoDescriptorIsNotOpen() throws IOException {
        assertThat(Fd.isOpen(pipe(0)[0])).isTrue();
        assertThat(Fd.isOpen(9999)).isFalse();
        assertThatThrownBy(() -> Fd.close(9999)).hasMessage("close(9999): Bad file descriptor (EBADF)");
    }

    @Test
    void noThreadSeesTheErrnoOfAnother() throws Exception {
        Callable<Integer> missing = () -> {
            int wrong = 0;
            for (int i = 0; i < 20_000; i++) {
                try {
                    Fd.open("/no/such", Fd.O_RDONLY, 0);
                } catch (PosixException failure) {
                    wrong += failure.errno() == Errno.ENOENT ? 0 : 1;
                }
            }
            return wrong;
        };
        Callable<Integer> notOpen = () -> {
            int wrong = 0;
            for (int i = 0; i < 20_000; i++) {
                try {
                    Fd.close(9999);
                } catch (PosixException failure) {
                    wrong += failure.errno() == Errno.EBADF ? 0 : 1;
                }
            }
            return wrong;
        };
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (Future<Integer> wrong : threads.invokeAll(List.of(missing, notOpen, missing, notOpen))) {
                assertThat(wrong.get()).isZero();
            }
        }
    }
}
