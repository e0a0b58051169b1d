package bellhop.cli;

import bellhop.control.ControlException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The command line of {@code bh} where no manager answers: {@code run}, and help. */
public final class Cli {

    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 64;
    static final int NO_MANAGER = 69;

    private Cli() {}

    /** Carries out, in this process, what needs no manager; returns the exit status. */
    public static int local(List<String> words) {
        if (!words.isEmpty() && words.get(0).equals("run")) {
            try {
                var options = RunOptions.parse(words.subList(1, words.size()), System.getenv());
                if (options.isPresent()) {
                    return Manager.run(options.get());
                }
            } catch (ControlException e) {
                System.err.println("bh-run: " + e.getMessage());
                return FAILED;
            }
        }
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        return new CommandLineOfBh(out, err).withoutManager(words);
    }
}
