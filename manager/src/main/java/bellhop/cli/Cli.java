package bellhop.cli;

import java.util.List;

/** The command line. */
public final class Cli {

    private static final int USAGE = 64;

    private Cli() {}

    /** Carries out, in this process, what needs no manager; returns the exit status. */
    public static int local(List<String> words) {
        System.err.println("bh: not yet: " + String.join(" ", words));
        return USAGE;
    }
}
