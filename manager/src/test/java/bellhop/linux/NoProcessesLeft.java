package bellhop.linux;

import java.nio.file.Path;
import java.util.List;

/** Run by {@link SpawnTest} as an ordinary user: forbids itself any further process, then starts one. */
final class NoProcessesLeft {

    private NoProcessesLeft() {}

    public static void main(String[] arguments) throws Exception {
        System.out.println("before: " + start("/bin/sh", "-c", "exit 4"));
        System.out.println("limit: " + start("/usr/bin/prlimit", "--nproc=1:1", "--pid=" + Proc.self()));
        try {
            System.out.println("after: " + start("/bin/sh", "-c", "exit 5"));
        } catch (SpawnException failure) {
            System.out.println(failure.stage() + ": " + failure.getMessage());
        }
    }

    private static ExitStatus start(String... argv) throws Exception {
        return Wait.reapPid(Spawn.start(new Spawn.Command(List.of(argv), List.of(), Path.of("/"), 1, 2)));
    }
}
