package bellhop.engine.process;

/**
 * A process that cannot be taken for another.
 *
 * @param pid its number; 0: none
 * @param startTime when it started, in clock ticks since boot
 */
public record ProcessId(int pid, long startTime) {
    public static final ProcessId NONE = new ProcessId(0, 0);

    // A look at the processes compares each of them with those that are looked for.

    @Override
    public boolean equals(Object other) {
        return other instanceof ProcessId it && pid == it.pid && startTime == it.startTime;
    }

    @Override
    public int hashCode() {
        return pid;
    }
}
