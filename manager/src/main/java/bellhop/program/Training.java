package bellhop.program;

import bellhop.control.TerminalOutput;
import bellhop.terminal.Look;
import bellhop.terminal.OwnTerminal;
import bellhop.terminal.Pen;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/**
 * Runs each of the small programs once, in one process. The build does this and makes their cache of what
 * they have loaded; nobody else calls it. What is not run here is looked for in the jars at each start.
 */
final class Training {

    private Training() {}

    /**
     * Takes a socket to connect to, and the names of two files to write; a manager must be running, and standard input be
     * a character device, which stands in for a terminal.
     */
    public static void main(String[] arguments) {
        String socket = arguments[0];
        String counter = arguments[1];
        String word = arguments[2];
        OutputStream terminal = TerminalOutput.of(System.out, 0);
        Look look = OwnTerminal.look(Map.of("TERM", "xterm", "LANG", "C.UTF-8"), "24x80");
        Pen pen = new Pen(System.out, System.err, look);
        int failures = new Bh(System.getenv(), terminal, System.err, pen).run(List.of("list"))
                + new Bh(System.getenv(), terminal, System.err, pen).run(List.of("status"))
                + Semaphore.run(List.of(counter, "+"), System.out, System.err)
                + Semaphore.run(List.of(counter, "-"), System.out, System.err)
                + StateFile.run(List.of(word, "up"), System.out, System.err)
                + Connect.run(List.of(socket), System.out, System.err);
        new Bh(Map.of("BELLHOP_RUNDIR", "/dev/null"), terminal, System.err, pen).run(List.of("status"));
        ProgramEnd.with(failures);
    }
}
