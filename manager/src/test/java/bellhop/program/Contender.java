package bellhop.program;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A program for tests, one of many that change two files in the folder of its first argument. For each
 * line {@code + N} or {@code - N} of its input it counts N times in {@code count}, puts N times the
 * word {@code plus} or {@code minus} in {@code state}, and says how often each was told to be a change.
 */
final class Contender {

    private Contender() {}

    public static void main(String[] arguments) throws IOException {
        String count = Path.of(arguments[0], "count").toString();
        String state = Path.of(arguments[0], "state").toString();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("ready");
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String operation = line.substring(0, 1);
            int edges = 0;
            int changes = 0;
            for (int i = Integer.parseInt(line.substring(2)); i > 0; i--) {
                edges += changed(Semaphore.run(List.of(count, operation), System.out, System.err));
                changes += changed(StateFile.run(
                        List.of(state, operation.equals("+") ? "plus" : "minus"), System.out, System.err));
            }
            System.out.println(edges + " " + changes);
        }
    }

    private static int changed(int status) {
        if (status > 1) {
            throw new IllegalStateException("exit status " + status);
        }
        return 1 - status;
    }
}
