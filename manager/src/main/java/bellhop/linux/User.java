package bellhop.linux;

import static bellhop.linux.Native.INT;

import java.lang.invoke.MethodHandle;

/** Who this process is. */
public final class User {

    private User() {}

    private static final class Handles {
        static final MethodHandle GETUID = Native.plainFunction("getuid", INT);
        static final MethodHandle GETEUID = Native.plainFunction("geteuid", INT);
        static final MethodHandle GETGID = Native.plainFunction("getgid", INT);
    }

    /** The real user. */
    public static int uid() {
        try {
            return (int) Handles.GETUID.invokeExact();
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** The user whose rights it has. */
    public static int euid() {
        try {
            return (int) Handles.GETEUID.invokeExact();
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** The real group. */
    public static int gid() {
        try {
            return (int) Handles.GETGID.invokeExact();
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }
}
