package bellhop.program;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/** The program {@code semaphore}: counts in a file, and tells the first who comes and the last who goes. */
public final class Semaphore {

    private static final int FROM_OR_TO_ZERO = 0;
    private static final int OTHERWISE = 1;
    private static final int FAILED = 2;

    private static final SmallProgram OPERANDS = new SmallProgram("semaphore", List.of("FILE", "+|-"), """

            Adds one to the number in FILE, or subtracts one from it; it never goes below 0.
            A file that does not exist counts as 0.

            exit status: 0 changed from or to zero, 1 otherwise, 2 failed""", FAILED);

    private Semaphore() {}

    /** Counts once; exits with the status that says whether it was the first or the last. */
    public static void main(String[] arguments) {
        ProgramEnd.with(run(List.of(arguments), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        return OPERANDS.run(arguments, out, err, Semaphore::count);
    }

    private static int count(List<String> operands) throws IOException {
        String file = operands.get(0);
        int step = switch (operands.get(1)) {
            case "+" -> 1;
            case "-" -> -1;
            default -> throw new SmallProgram.MisuseException("\"" + operands.get(1) + "\" is neither + nor -");
        };
        int[] status = {OTHERWISE};
        LockedFile.change(file, content -> {
            long number = number(file, content);
            if (number + step < 0) {
                return Optional.empty();
            }
            if (number == 0 || number + step == 0) {
                status[0] = FROM_OR_TO_ZERO;
            }
            return Optional.of(Long.toString(Math.addExact(number, step)));
        });
        return status[0];
    }

    private static long number(String file, Optional<String> content) throws IOException {
        String text = content.orElse("0");
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (digits && text.length() <= 18) {
            return Long.parseLong(text);
        }
        throw new IOException(
                file + ": contains no number" + (digits ? " of at most 18 digits" : "") + "; left as it is");
    }
}
