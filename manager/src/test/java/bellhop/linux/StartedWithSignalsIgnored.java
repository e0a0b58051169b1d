package bellhop.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Run by {@link SpawnTest}: what a child looks like whose parent ignores signals, CHLD among them. */
final class StartedWithSignalsIgnored {

    private StartedWithSignalsIgnored() {}

    public static void main(String[] arguments) throws Exception {
        long ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> Long.parseUnsignedLong(line.substring(8), 16))
                .findFirst()
                .orElseThrow();
        System.out.println(
                "mine ignored: " + (isIn(ignored, Signals.HUP) && isIn(ignored, Signals.CHLD) ? "yes" : "no"));

        int[] pipe = Fd.pipe(0);
        int cat = Spawn.start(
                new Spawn.Command(List.of("/bin/cat", "/proc/self/status"), List.of(), Path.of("/"), pipe[1], pipe[1]));
        Fd.close(pipe[1]);
        ByteBuffer output = ByteBuffer.allocateDirect(1 << 16);
        while (Fd.read(pipe[0], output) > 0) {
            // until its end
        }
        StandardCharsets.UTF_8
                .decode(output.flip())
                .toString()
                .lines()
                .filter(line -> line.matches("Sig(Blk|Ign|Cgt):.*"))
                .forEach(System.out::println);
        Wait.reapPid(cat);

        int seven = Spawn.start(new Spawn.Command(List.of("/bin/sh", "-c", "exit 7"), List.of(), Path.of("/"), 1, 2));
        System.out.println(Wait.reapPid(seven));
    }

    private static boolean isIn(long set, int signal) {
        return (set & 1L << (signal - 1)) != 0;
    }
}
