package bellhop.linux;

/** Who this process is. */
public final class User {

    private static final CFunction GETUID = CFunction.named("getuid");
    private static final CFunction GETEUID = CFunction.named("geteuid");
    private static final CFunction GETGID = CFunction.named("getgid");

    private User() {}

    /** The real user. */
    public static int uid() {
        return GETUID.call(CallFrame.get());
    }

    /** The user whose rights it has. */
    public static int euid() {
        return GETEUID.call(CallFrame.get());
    }

    /** The real group. */
    public static int gid() {
        return GETGID.call(CallFrame.get());
    }
}
