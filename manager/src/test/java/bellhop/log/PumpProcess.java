package bellhop.log;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;

/** A pump in a process of its own, to be killed: the directory, then the names whose FIFOs it reads. */
final class PumpProcess {

    private PumpProcess() {}

    public static void main(String[] words) throws IOException {
        Path directory = Path.of(words[0]);
        // Not closed: it is killed.
        LogPump pump = new LogPump(
                directory.resolve("log"),
                directory.resolve("notes"),
                InstantSource.fixed(LogScene.MOMENT),
                (lines, last) -> true,
                System.err::println);
        pump.start();
        for (int i = 1; i < words.length; i++) {
            pump.attach(words[i], directory.resolve(words[i] + "."), "", DESTINATION);
        }
        while (true) {
            LockSupport.park();
        }
    }

    /** Large files that are rotated often enough, and none is thrown away. */
    static final Destination DESTINATION = new Destination.LogFile(new Rotation(200_000, 100_000), false);
}
