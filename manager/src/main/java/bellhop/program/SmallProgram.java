package bellhop.program;

import bellhop.linux.FileErrors;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line that the small programs share: a fixed number of operands, {@code --help}, {@code
 * --version}, and one line for whatever goes wrong.
 *
 * @param program its name, before each line that it prints about itself
 * @param names the operands, as the usage line shows them
 * @param help what {@code --help} says after the usage line
 * @param failure its exit status when it failed
 */
record SmallProgram(String program, List<String> names, String help, int failure) {

    private static final int USAGE = 64;

    /** What a program does once its operands are there. */
    @FunctionalInterface
    interface Body {
        /** Does it and returns the exit status. */
        int run(List<String> operands) throws IOException;
    }

    /** Runs {@code body}, or says why not; returns the exit status. */
    int run(List<String> arguments, PrintStream out, PrintStream err, Body body) {
        List<String> operands = new ArrayList<>();
        boolean options = true;
        for (String argument : arguments) {
            if (!options || !argument.startsWith("-") || argument.equals("-")) {
                operands.add(argument);
            } else if (argument.equals("--")) {
                options = false;
            } else if (argument.equals("-h") || argument.equals("--help")) {
                out.println(usage());
                out.println(help);
                return 0;
            } else if (argument.equals("--version")) {
                out.println(program + " (Bellhop) " + Version.text());
                return 0;
            } else {
                return misused(err, "unknown option " + argument);
            }
        }
        if (operands.size() != names.size()) {
            return misused(
                    err,
                    operands.size() < names.size()
                            ? names.get(operands.size()) + " is missing"
                            : "too many operands: " + operands.get(names.size()));
        }
        try {
            return body.run(operands);
        } catch (MisuseException e) {
            return misused(err, FileErrors.withFile(e));
        } catch (IOException e) {
            err.println(program + ": " + FileErrors.withFile(e));
            return failure;
        }
    }

    /** Says that an operand cannot be meant. */
    static final class MisuseException extends IOException {
        private static final long serialVersionUID = 1;

        MisuseException(String what) {
            super(what);
        }
    }

    private int misused(PrintStream err, String what) {
        err.println(program + ": " + what);
        err.println(usage());
        return USAGE;
    }

    private String usage() {
        return "usage: " + program + " " + String.join(" ", names);
    }
}
