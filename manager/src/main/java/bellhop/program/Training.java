package bellhop.program;

import java.util.List;

/**
 * Runs each of the small programs once, in one process. The build does this and makes their cache of what
 * they have loaded; nobody else calls it.
 */
final class Training {

    private Training() {}

    /** Takes a socket to connect to, and the names of two files to write; a manager must be running. */
    public static void main(String[] arguments) {
        String socket = arguments[0];
        String counter = arguments[1];
        String word = arguments[2];
        int failures = new Bh(System.getenv(), System.out, System.err).run(List.of("list"))
                + Semaphore.run(List.of(counter, "+"), System.out, System.err)
                + Semaphore.run(List.of(counter, "-"), System.out, System.err)
                + StateFile.run(List.of(word, "up"), System.out, System.err)
                + Connect.run(List.of(socket), System.out, System.err);
        System.exit(failures);
    }
}
