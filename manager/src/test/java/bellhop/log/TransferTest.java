package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Fd;
import bellhop.linux.Stat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that a successor finishes what was cut off between any two steps: each byte is in the log once. */
class TransferTest {
    private static final int ROUNDS = Integer.getInteger("transfer.rounds", 60);
    private static final Rotation SMALL = new Rotation(700, 100_000);

    @TempDir
    Path directory;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final List<String> warnings = new ArrayList<>();
    private final List<Pipe> pipes = new ArrayList<>();

    /** Where the manager is killed. */
    enum Cut {
        BEFORE_NOTE,
        BEFORE_WRITE,
        AMID_WRITE,
        BEFORE_BIT,
        BEFORE_TAKE,
        AFTER_TAKE,
        AFTER_NOTE
    }

    /** What kills it: neither an Error nor a RuntimeException, so that no code of the pump catches it. */
    private static final class Killed extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Throws what the compiler does not know of. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void kill() throws T {
        throw (T) new Killed();
    }

    /** A FIFO that its writer has open all the time, and everything that it wrote. */
    private final class Pipe {
        final Path path;
        final int writer;
        final String mark;
        final ByteArrayOutputStream written = new ByteArrayOutputStream();

        Pipe(String name, String mark) throws IOException {
            this.path = directory.resolve(name);
            this.mark = mark;
            Fd.mkfifo(path, 0600);
            writer = Fd.open(path, Fd.O_RDWR | Fd.O_NONBLOCK, 0);
            pipes.add(this);
        }

        void write(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
            while (direct.hasRemaining() && Fd.write(writer, direct) > 0) {}
            written.write(bytes, 0, bytes.length - direct.remaining());
        }

        String text() {
            return written.toString(StandardCharsets.US_ASCII);
        }
    }

    @AfterEach
    void closePipes() throws IOException {
        for (Pipe pipe : pipes) {
            Fd.close(pipe.writer);
        }
    }

    /** What is left of a manager when it is killed: files and what writers have open. */
    private final class Life {
        private final Transfer transfer;
        private final LineCopier copier;
        private final Log log = new Log("web", directory.resolve("web"), InstantSource.system(), warnings::add);
        final List<LogFifo> sources = new ArrayList<>();
        private Cut cut = Cut.AFTER_NOTE;
        private boolean armed;
        private long sizeBefore;
        private int length;
        private boolean wasOpen;

        Life(Destination destination, List<Pipe> pipes) throws IOException {
            Transfer opened = Transfer.open(directory.resolve("notes"), directory, warnings::add);
            transfer = new Transfer(opened) {
                @Override
                void begin(LogFifo source, int count, boolean within, Stat current, int bytes) {
                    killAt(Cut.BEFORE_NOTE);
                    super.begin(source, count, within, current, bytes);
                    sizeBefore = current.size();
                    length = bytes;
                    wasOpen = isOpen(source);
                    killAt(Cut.BEFORE_WRITE);
                }

                @Override
                void end() {
                    if (!armed) {
                        super.end();
                    } else if (cut == Cut.AFTER_TAKE) {
                        TransferTest.<RuntimeException>kill();
                    }
                }
            };
            copier = new LineCopier(InstantSource.fixed(LogScene.MOMENT), this::console, transfer);
            log.addFollower(_ -> afterWrite());
            for (Pipe pipe : pipes) {
                int fd = Fd.open(pipe.path, Fd.O_RDONLY | Fd.O_NONBLOCK, 0);
                Stat stat = Fd.fstat(fd);
                LogFifo source = new LogFifo(
                        new LogFifo.Identity(stat.dev(), stat.ino()),
                        pipe.path,
                        fd,
                        new LogFifo.Writer(log, new LinePrefix(pipe.mark), destination));
                if (isOpen(source)) {
                    log.resume(source);
                }
                sources.add(source);
            }
        }

        private boolean console(byte[] lines, boolean last) {
            killAt(Cut.BEFORE_NOTE);
            killAt(Cut.BEFORE_WRITE);
            console.writeBytes(lines);
            return true;
        }

        private void afterWrite() {
            if (!armed || cut == Cut.AFTER_TAKE || cut == Cut.AFTER_NOTE) {
                return;
            }
            LogFifo source =
                    sources.stream().filter(log::isContinuedBy).findFirst().orElse(sources.getFirst());
            if (cut != Cut.BEFORE_TAKE) {
                sources.forEach(it -> it.setLineOpen(it == source && wasOpen));
            }
            if (cut == Cut.AMID_WRITE) {
                truncate(sizeBefore + new Random(length).nextInt(length));
            }
            TransferTest.<RuntimeException>kill();
        }

        private void truncate(long size) {
            try (FileChannel file = FileChannel.open(directory.resolve("web/current"), StandardOpenOption.WRITE)) {
                file.truncate(size);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private void killAt(Cut here) {
            if (armed && cut == here) {
                TransferTest.<RuntimeException>kill();
            }
        }

        private static boolean isOpen(LogFifo source) {
            try {
                return (Fd.fstat(source.fd).permissions() & LogFifo.STICKY) != 0;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /** Copies, and is killed in it if there is something to copy. */
        void copyAndDie(LogFifo source, Cut where) throws IOException {
            cut = where;
            armed = true;
            try {
                var _ = copier.copy(source);
            } catch (Exception e) {
                if (!(e instanceof Killed)) {
                    throw e;
                }
            }
            die();
        }

        void copyAll() throws IOException {
            boolean again = true;
            while (again) {
                again = false;
                for (LogFifo source : sources) {
                    again |= copier.copy(source) == LineCopier.CopyResult.COPIED;
                }
            }
        }

        void die() throws IOException {
            log.rest();
            for (LogFifo source : sources) {
                Fd.close(source.fd);
            }
        }
    }

    private String logged() throws IOException {
        return LogScene.text(new LogReader(directory.resolve("web")).lastLines(Integer.MAX_VALUE));
    }

    /** One writer whose manager is killed again and again; at the end the log is as if it never was. */
    private void killAgainAndAgain(long seed, Rotation rotation, IntFunction<String> text) throws IOException {
        Random chance = new Random(seed);
        Pipe pipe = new Pipe("run" + seed, "");
        Destination destination = new Destination.LogFile(rotation, true);
        for (int i = 0; i < ROUNDS; i++) {
            Life life = new Life(destination, List.of(pipe));
            for (int turn = chance.nextInt(3); turn > 0; turn--) {
                pipe.write(text.apply(i));
                life.sources.getFirst().stale = chance.nextBoolean();
                life.copyAll();
            }
            pipe.write(text.apply(i));
            life.sources.getFirst().stale = chance.nextBoolean();
            life.copyAndDie(life.sources.getFirst(), Cut.values()[chance.nextInt(Cut.values().length)]);
            if (chance.nextBoolean()) {
                pipe.write(text.apply(i));
            }
        }
        pipe.write("\n");
        Life last = new Life(destination, List.of(pipe));
        last.copyAll();
        last.die();

        assertThat(logged()).as("seed %d", seed).isEqualTo(pipe.text().replaceAll("(?m)^(?!\\z)", LogScene.STAMP));
        assertThat(warnings).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void numberedLinesAreThereOnceWhereverItIsKilled(long seed) throws IOException {
        killAgainAndAgain(seed, LogScene.USUAL, i -> i + " first\n" + i + " second\n");
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void equalLinesAreThereAsOftenAsTheyWereWritten(long seed) throws IOException {
        killAgainAndAgain(seed, LogScene.USUAL, _ -> "the same\n".repeat(3));
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28})
    void rotationLosesAndDoublesNothing(long seed) throws IOException {
        killAgainAndAgain(seed, SMALL, _ -> "the same again and again\n".repeat(5));
        assertThat(directory.resolve("web/current.5")).exists();
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34, 35, 36, 37, 38})
    void unfinishedLinesGoOnWhereTheyBrokeOff(long seed) throws IOException {
        Random chance = new Random(seed);
        List<String> pieces = List.of(
                "ab",
                "ab\n",
                "\n",
                "ab\nab",
                "ab\n".repeat(LineCopier.MUCH) + "ab",
                "x".repeat(LineCopier.LONG_LINE + 1));
        killAgainAndAgain(seed, LogScene.USUAL, _ -> pieces.get(chance.nextInt(pieces.size())));
    }

    @ParameterizedTest
    @ValueSource(longs = {41, 42, 43, 44, 45, 46, 47, 48})
    void unfinishedLinesGoOnInTheNextFile(long seed) throws IOException {
        Random chance = new Random(seed);
        List<String> pieces =
                List.of("ab", "ab\n", "\n", "ab\nab", "ab\n".repeat(LineCopier.MUCH) + "ab", "x".repeat(500));
        killAgainAndAgain(seed, SMALL, _ -> pieces.get(chance.nextInt(pieces.size())));
    }

    @ParameterizedTest
    @ValueSource(longs = {51, 52, 53, 54, 55, 56, 57, 58})
    void scriptsOfOneServiceKeepTheirBytesApart(long seed) throws IOException {
        Random chance = new Random(seed);
        List<Pipe> both = List.of(new Pipe("run" + seed, "[run]"), new Pipe("pre" + seed, "[pre]"));
        List<String> letters = List.of("r", "p");
        Destination destination = new Destination.LogFile(SMALL, true);
        for (int i = 0; i < ROUNDS; i++) {
            Life life = new Life(destination, both);
            for (int which : List.of(0, 1)) {
                String line = letters.get(which).repeat(chance.nextInt(40));
                both.get(which).write(chance.nextInt(4) == 0 ? line : line + "\n");
                life.sources.get(which).stale = chance.nextBoolean();
            }
            if (chance.nextBoolean()) {
                life.copyAll();
                both.getFirst().write("r\n");
            }
            LogFifo source = life.sources.get(chance.nextInt(2));
            List<Cut> cuts = List.of(Cut.BEFORE_NOTE, Cut.BEFORE_WRITE, Cut.BEFORE_TAKE, Cut.AFTER_TAKE);
            life.copyAndDie(source, cuts.get(chance.nextInt(cuts.size())));
        }
        Life last = new Life(destination, both);
        for (int which : List.of(0, 1)) {
            both.get(which).write("\n");
        }
        last.copyAll();
        last.die();

        String log = logged().replace(LogScene.STAMP, "");
        assertThat(log.replace("[run] ", "").replace("[pre] ", "").replaceAll("[^r]", ""))
                .hasSameSizeAs(both.get(0).text().replace("\n", ""));
        assertThat(log.replace("[run] ", "").replace("[pre] ", "").replaceAll("[^p]", ""))
                .hasSameSizeAs(both.get(1).text().replace("\n", ""));
        assertThat(log.lines()).allMatch(line -> line.matches("\\[run] r*|\\[pre] p*"));
    }

    @ParameterizedTest
    @EnumSource(names = {"BEFORE_WRITE", "AFTER_TAKE"})
    void linesOnTheConsoleAreThereOnce(Cut where) throws IOException {
        Pipe pipe = new Pipe("run", "");
        for (int i = 0; i < ROUNDS; i++) {
            Life life = new Life(new Destination.Console(), List.of(pipe));
            pipe.write("the same\n");
            life.copyAndDie(life.sources.getFirst(), where);
        }
        Life last = new Life(new Destination.Console(), List.of(pipe));
        last.copyAll();
        last.die();

        assertThat(console.toString(StandardCharsets.US_ASCII)).isEqualTo("web: the same\n".repeat(ROUNDS));
    }

    @Test
    void whatItsWriterTookWithItIsThereAsFarAsItWasWritten() throws IOException {
        Pipe pipe = new Pipe("run", "");
        Life life = new Life(new Destination.LogFile(LogScene.USUAL, true), List.of(pipe));
        pipe.write("a line that was cut off\n");
        life.copyAndDie(life.sources.getFirst(), Cut.AMID_WRITE);
        String before = logged();
        assertThat(before).isNotEmpty();
        pipes.clear();
        Fd.close(pipe.writer);

        Pipe next = new Pipe("post", "");
        Life last = new Life(new Destination.LogFile(LogScene.USUAL, true), List.of(next));
        next.write("next\n");
        last.copyAll();
        last.die();

        assertThat(logged()).isEqualTo(before + "\n" + LogScene.STAMP + "next\n");
        assertThat(warnings).isEmpty();
    }

    @Test
    void logThatSomebodyRemovedMeanwhileGetsWhatIsStillThere() throws IOException {
        Pipe pipe = new Pipe("run", "");
        Life life = new Life(new Destination.LogFile(LogScene.USUAL, true), List.of(pipe));
        pipe.write("line\n");
        life.copyAndDie(life.sources.getFirst(), Cut.BEFORE_TAKE);
        Files.delete(directory.resolve("web/current"));

        Life last = new Life(new Destination.LogFile(LogScene.USUAL, true), List.of(pipe));
        last.copyAll();
        last.die();

        assertThat(logged()).isEqualTo(LogScene.STAMP + "line\n");
    }

    @Test
    void noteOfAnotherVersionIsToldOfAndNotObeyed() throws IOException {
        Pipe pipe = new Pipe("run", "");
        Life life = new Life(new Destination.LogFile(LogScene.USUAL, true), List.of(pipe));
        pipe.write("line\n");
        life.copyAndDie(life.sources.getFirst(), Cut.BEFORE_TAKE);
        try (FileChannel notes = FileChannel.open(directory.resolve("notes"), StandardOpenOption.WRITE)) {
            notes.write(ByteBuffer.allocate(4).putInt(7).flip(), 0);
        }

        Life last = new Life(new Destination.LogFile(LogScene.USUAL, true), List.of(pipe));
        last.copyAll();
        last.die();

        assertThat(warnings)
                .containsExactly(
                        directory.resolve("notes")
                                + ": written by another version of Bellhop (7, expected 1); its last lines may be in the log twice");
        assertThat(logged()).isEqualTo((LogScene.STAMP + "line\n").repeat(2));
    }

    private void assertALineIsLogged() throws IOException {
        Pipe pipe = new Pipe("run", "");
        Life life = new Life(new Destination.LogFile(LogScene.USUAL, true), List.of(pipe));
        pipe.write("line\n");
        life.copyAll();
        life.die();

        assertThat(logged()).isEqualTo(LogScene.STAMP + "line\n");
    }

    @Test
    void whatIsNoFileIsSetAside() throws IOException {
        Path notes = Files.createDirectory(directory.resolve("notes"));

        assertALineIsLogged();
        assertThat(warnings).containsExactly(notes + ": not a regular file; it was renamed to notes.set-aside");
        assertThat(directory.resolve("notes.set-aside")).isDirectory();
    }

    @Test
    void fileThatIsNoNoteIsOverwritten() throws IOException {
        Files.writeString(directory.resolve("notes"), "something else");

        assertALineIsLogged();
        assertThat(warnings).isEmpty();
    }
}
