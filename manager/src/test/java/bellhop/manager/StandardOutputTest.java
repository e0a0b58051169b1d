package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that whoever writes to standard output is never held up by who reads it. */
@Timeout(60)
class StandardOutputTest {

    /** Takes as many writes as it is told to. */
    private static final class SlowReader extends OutputStream {
        final Semaphore reads = new Semaphore(0);
        final CountDownLatch begun = new CountDownLatch(1);
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            begun.countDown();
            reads.acquireUninterruptibly();
            synchronized (read) {
                read.write(bytes, offset, length);
            }
        }

        String text() {
            synchronized (read) {
                return read.toString(StandardCharsets.UTF_8);
            }
        }
    }

    private final SlowReader reader = new SlowReader();
    private final StandardOutput output = new StandardOutput(reader);

    private static byte[] lines(char letter) {
        return ((letter + "").repeat(StandardOutput.ROOM / 4 - 1) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatIsTooMuchIsRefusedAndAskedForOnceThereIsRoom() throws Exception {
        CountDownLatch room = new CountDownLatch(1);
        output.onRoom(room::countDown);

        for (char letter : "abcd".toCharArray()) {
            assertThat(output.take(lines(letter), false)).isTrue();
        }
        assertThat(output.take(lines('e'), false)).isFalse();
        reader.reads.release();
        assertThat(room.getCount()).isEqualTo(1);
        reader.reads.release();
        assertThat(room.await(30, TimeUnit.SECONDS)).isTrue();

        assertThat(output.take(lines('e'), false)).isTrue();
        assertThat(output.take(lines('f'), true)).isTrue();
        reader.reads.release(100);
        output.close();
        assertThat(reader.text().replaceAll("(.)\\1+\n", "$1")).isEqualTo("abcdef");
    }

    @Test
    void threadEndsOnceThereIsNothingToWriteAndTheNextLineHasAnother() throws Exception {
        reader.reads.release(100);
        output.say("one");
        for (Thread thread : threads()) {
            thread.join();
        }
        output.say("two");
        output.close();
        assertThat(reader.text()).isEqualTo("one\ntwo\n");
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("bellhop-console"))
                .toList();
    }

    @Test
    void linesOfTheManagerAreLeftOutAndThatIsTold() throws Exception {
        for (char letter : "abcd".toCharArray()) {
            output.take(lines(letter), false);
        }
        String line = "x".repeat(1023);
        for (int i = 0; i < 100; i++) {
            output.say(line);
        }

        reader.reads.release(1000);
        output.close();

        assertThat(reader.text().lines().filter(line::equals)).hasSize(64);
        assertThat(reader.text())
                .endsWith("\nwarning: 36 lines of the manager were left out here, because this output was not read\n");
    }

    @Test
    void aLineLongerThanAllRoomIsTaken() {
        byte[] line = new byte[StandardOutput.ROOM * 2];

        assertThat(output.take(line, false)).isTrue();

        reader.reads.release(1);
        output.close();
        assertThat(reader.text()).hasSize(line.length);
    }

    @Test
    void theEndDoesNotWaitForWhoeverDoesNotRead() throws Exception {
        output.say("never read");
        reader.begun.await();

        output.close();

        assertThat(reader.text()).isEmpty();
        reader.reads.release(1);
    }
}
