package bellhop.program;

import bellhop.control.ControlSockets;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The program {@code connect}: has an {@code escort} stop what it looks after, and waits until it is gone. */
public final class Connect {

    private static final int LONGEST_ANSWER = 4096;

    private static final SmallProgram OPERANDS = new SmallProgram("connect", List.of("SOCKET"), """

            Connects to the socket of an escort, which asks it to stop its program, and
            returns once that is gone.

            exit status: 0 it is gone, 1 it is not, or this is not known""", 1);

    private Connect() {}

    /** Connects and waits; exits 0 once the good answer is there. */
    public static void main(String[] arguments) {
        ProgramEnd.with(run(List.of(arguments), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        return OPERANDS.run(arguments, out, err, Connect::connectAndWait);
    }

    private static int connectAndWait(List<String> operands) throws IOException {
        String socket = operands.get(0);
        String answer;
        try (SocketChannel channel = UnixSocket.connect(socket)) {
            answer = read(channel);
        }
        if (answer.equals(ControlSockets.STOPPED)) {
            return 0;
        }
        if (answer.startsWith(ControlSockets.FAILED)) {
            throw new IOException(socket + ": " + answer.substring(ControlSockets.FAILED.length()));
        }
        throw new IOException(socket + ": the connection ended without an answer");
    }

    /** The first line, or nothing where the connection ended before its end. */
    private static String read(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LONGEST_ANSWER);
        try {
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until it ends: the line and nothing else is expected
            }
        } catch (IOException cut) {
            // what came before the cut counts
        }
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        int newline = text.indexOf('\n');
        return newline < 0 ? "" : text.substring(0, newline);
    }
}
