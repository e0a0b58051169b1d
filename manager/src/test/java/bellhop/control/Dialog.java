package bellhop.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A client at the socket, with nothing but the JDK. */
public final class Dialog implements AutoCloseable {

    private final SocketChannel channel;
    private final ByteBuffer input = ByteBuffer.allocate(1 << 16).flip();

    public Dialog(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    public Dialog send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public Dialog send(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
        return this;
    }

    public Dialog endOfInput() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    /** The next line, or null at the end. */
    @Nullable
    public String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            if (!input.hasRemaining()) {
                input.clear();
                int count = channel.read(input);
                input.flip();
                if (count < 0) {
                    return null;
                }
            }
            byte b = input.get();
            if (b == '\n') {
                return line.toString(StandardCharsets.UTF_8);
            }
            line.write(b);
        }
    }

    /** All lines to the one with the exit code. */
    public String answer() throws IOException {
        StringBuilder answer = new StringBuilder();
        for (String line = line(); line != null; line = line()) {
            answer.append(line).append('\n');
            if (line.startsWith("x ")) {
                return answer.toString();
            }
        }
        return answer + "(the connection ended)";
    }

    public String ask(String line) throws IOException {
        return send(line + "\n").answer();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
