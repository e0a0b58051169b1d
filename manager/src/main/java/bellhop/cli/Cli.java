package bellhop.cli;

import bellhop.control.ControlException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
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
        CommandLineOfBh.Understood understood = new CommandLineOfBh().parse(words);
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        understood.out().forEach(out::println);
        out.flush();
        understood.err().forEach(System.err::println);
        if (understood.verb().isPresent()) {
            System.err.println("bh: no manager is running; start one with: bh run");
            return NO_MANAGER;
        }
        return understood.status();
    }
}
