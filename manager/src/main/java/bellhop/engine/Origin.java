package bellhop.engine;

/**
 * Where a request comes from.
 *
 * @param who who asks, {@code uid 0, pid 4711}; for a script the service and its incarnation before that; empty if it is
 *     the manager itself
 * @param words what was asked, as one would type it; empty if nobody typed anything
 */
public record Origin(String who, String words) {

    /** Of what nobody asked for: what happens to services, and time that passes. */
    public static final Origin NONE = new Origin("", "");

    /** Of what starts with the manager. */
    public static final Origin BOOT = new Origin("", "");

    @SuppressWarnings("ReferenceEquality")
    boolean isBoot() {
        return this == BOOT;
    }
}
