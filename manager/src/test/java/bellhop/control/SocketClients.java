package bellhop.control;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program for tests: connects as often as its second argument says to the socket of its first, sends
 * its third and a newline over each if there is one, says {@code connected} and stays until its
 * standard input ends.
 */
public final class SocketClients {

    private SocketClients() {}

    public static void main(String[] arguments) throws IOException {
        List<Dialog> dialogs = new ArrayList<>();
        for (int i = Integer.parseInt(arguments[1]); i > 0; i--) {
            Dialog dialog = new Dialog(Path.of(arguments[0]));
            if (arguments.length > 2) {
                dialog.send(arguments[2] + "\n");
            }
            dialogs.add(dialog);
        }
        System.out.println("connected");
        while (System.in.read() >= 0) {
            // until its end
        }
        for (Dialog dialog : dialogs) {
            dialog.close();
        }
    }

    /** Starts it and returns once all are connected. */
    public static Process start(Path socket, int count, String... request) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SocketClients.class.getName(),
                socket.toString(),
                Integer.toString(count)));
        command.addAll(List.of(request));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = process.inputReader().readLine();
        if (!"connected".equals(said)) {
            process.destroyForcibly();
            throw new IOException("the clients did not connect: " + said);
        }
        return process;
    }
}
