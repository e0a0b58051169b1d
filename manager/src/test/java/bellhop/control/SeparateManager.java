package bellhop.control;

import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * A program for tests: a {@link TestManager} in the run dir of its first argument, until its standard
 * input ends. Says {@code ready}, and then the words of each request. {@code hog} takes all descriptors
 * that are left and keeps them, and its client waiting, until a line comes in.
 */
final class SeparateManager implements AutoCloseable {

    private final Process process;

    private SeparateManager(Process process) {
        this.process = process;
    }

    public static void main(String[] arguments) throws IOException {
        TestManager manager = new TestManager(Path.of(arguments[0]));
        Deque<Integer> taken = new ConcurrentLinkedDeque<>();
        RequestHandler handler = (words, client) -> {
            if (words.equals(List.of("hog"))) {
                takeAll(taken);
            } else {
                manager.handle(words, client);
            }
            System.out.println(String.join(" ", words));
        };
        ControlFifo fifo = ControlFifo.open(manager.loop, manager.runDir, Access.ofOwner(), handler);
        ControlServer server = ControlServer.open(manager.loop, manager.runDir.socket(), Access.ofOwner(), handler);
        System.out.println("ready");
        while (System.in.read() >= 0) {
            for (Integer fd = taken.poll(); fd != null; fd = taken.poll()) {
                Fd.close(fd);
            }
        }
        server.close();
        fifo.close();
        manager.close();
    }

    private static void takeAll(Deque<Integer> taken) {
        try {
            while (true) {
                taken.add(Fd.open("/dev/null", Fd.O_RDONLY, 0));
            }
        } catch (PosixException e) {
            // none is left
        }
    }

    /** Starts it. */
    static SeparateManager start(Path runDir) throws IOException {
        return start(runDir, 1000, System.getProperty("java.class.path"));
    }

    /** Starts it, with so many descriptors at the most. */
    static SeparateManager start(Path runDir, int descriptors, String classPath) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "ulimit -n " + descriptors + " && exec \"$0\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-MaxFDLimit",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                SeparateManager.class.getName(),
                runDir.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        SeparateManager manager = new SeparateManager(process);
        manager.expect("ready");
        return manager;
    }

    /** Returns once it has said that. */
    void expect(String line) throws IOException {
        String said = process.inputReader().readLine();
        if (!line.equals(said)) {
            close();
            throw new IOException("expected \"" + line + "\", but it said: " + said);
        }
    }

    void giveBackDescriptors() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
