package bellhop.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Run by {@link DescriptorExhaustionTest} with a low limit: opens until nothing opens any more. */
final class NoDescriptorsLeft {

    private NoDescriptorsLeft() {}

    private interface Call {
        void run() throws IOException;
    }

    public static void main(String[] arguments) throws Exception {
        int output = Fd.open("/dev/null", Fd.O_WRONLY, 0);
        // Once while there is room: a class cannot be loaded from a folder without a descriptor.
        useEverything(output);
        report(() -> Fd.open("/no/such", Fd.O_RDONLY, 0));

        Deque<Integer> filling = new ArrayDeque<>();
        try {
            while (true) {
                filling.push(Fd.open("/dev/null", Fd.O_RDONLY, 0));
            }
        } catch (PosixException full) {
            System.out.println(full.getMessage());
        }
        report(() -> Fd.pipe(0));
        report(Epoll::open);
        report(Fd::eventfd);
        report(() -> exit(4, 1));
        int five = exit(5, output);
        report(() -> Pidfd.open(five));
        System.out.println("started all the same: " + Wait.reapPid(five));
        Fd.close(filling.pop());
        int pidfd = Pidfd.open(exit(6, output));
        System.out.println("after one was closed: " + Wait.reap(pidfd));
    }

    private static void report(Call call) {
        try {
            call.run();
            System.out.println("it worked");
        } catch (IOException failure) {
            System.out.println(failure.getMessage());
        }
    }

    private static int exit(int code, int output) throws SpawnException {
        return Spawn.start(
                new Spawn.Command(List.of("/bin/sh", "-c", "exit " + code), List.of(), Path.of("/"), output, output));
    }

    private static void useEverything(int output) throws IOException {
        for (int fd : Fd.pipe(0)) {
            Fd.close(fd);
        }
        Fd.close(Fd.eventfd());
        Epoll.open().close();
        int pidfd = Pidfd.open(exit(0, output));
        Wait.reap(pidfd);
        Fd.close(pidfd);
        Wait.reapPid(exit(0, 1));
        try {
            Spawn.start(new Spawn.Command(List.of("/no/such"), List.of(), Path.of("/"), output, output));
        } catch (SpawnException _) {
            // Its class is loaded now.
        }
    }
}
