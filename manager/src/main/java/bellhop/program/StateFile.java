package bellhop.program;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/** The program {@code state}: puts a word in a file, and tells whether it was there already. */
public final class StateFile {

    private static final int CHANGED = 0;
    private static final int WAS_SO = 1;
    private static final int FAILED = 2;

    private static final SmallProgram OPERANDS = new SmallProgram("state", List.of("FILE", "WORD"), """

            Replaces the content of FILE with WORD.

            exit status: 0 changed, 1 unchanged, 2 failed""", FAILED);

    private StateFile() {}

    /** Replaces once; exits with the status that says whether that was a change. */
    public static void main(String[] arguments) {
        ProgramEnd.with(run(List.of(arguments), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        return OPERANDS.run(arguments, out, err, StateFile::replace);
    }

    private static int replace(List<String> operands) throws IOException {
        String word = operands.get(1);
        if (word.isEmpty() || word.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            throw new SmallProgram.MisuseException("WORD is empty or contains white space");
        }
        int[] status = {CHANGED};
        LockedFile.change(operands.get(0), content -> {
            if (content.isPresent() && content.get().equals(word)) {
                status[0] = WAS_SO;
                return Optional.empty();
            }
            return Optional.of(word);
        });
        return status[0];
    }
}
