package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** The identity of this process. */
public final class Self {

    private static final CFunction GETUID = CFunction.named("getuid");
    private static final CFunction GETEUID = CFunction.named("geteuid");
    private static final CFunction GETGID = CFunction.named("getgid");

    private static final CFunction GETGROUPS = CFunction.named("getgroups");
    private static final int MOST_GROUPS = 1 << 16;

    private Self() {}

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

    /** The supplementary groups. */
    public static List<Integer> groups() throws PosixException {
        CallFrame frame = CallFrame.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment groups = arena.allocate((long) MOST_GROUPS * Integer.BYTES, Integer.BYTES);
            int count = GETGROUPS.call(frame, MOST_GROUPS, groups.address());
            if (count < 0) {
                throw frame.failure("getgroups");
            }
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                found.add(groups.getAtIndex(ValueLayout.JAVA_INT, i));
            }
            return found;
        }
    }
}
