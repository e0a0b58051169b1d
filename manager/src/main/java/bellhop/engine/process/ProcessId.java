package bellhop.engine.process;

/**
 * A process that cannot be taken for another.
 *
 * @param pid its number; 0: none
 * @param startTime when it started, in clock ticks since boot
 */
public record ProcessId(int pid, long startTime) {
    public static final ProcessId NONE = new ProcessId(0, 0);
}
