package bellhop.linux;

import static bellhop.linux.Native.INT;
import static bellhop.linux.Native.LONG;
import static bellhop.linux.Native.POINTER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * {@code statx(2)}, because its struct is the same on every machine ({@code struct stat} is not).
 *
 * <pre>{@code
 * struct statx {                      // 256 bytes
 *     __u32 stx_mask;                 //   0
 *     __u32 stx_blksize;              //   4
 *     __u64 stx_attributes;           //   8
 *     __u32 stx_nlink;                //  16
 *     __u32 stx_uid;                  //  20
 *     __u32 stx_gid;                  //  24
 *     __u16 stx_mode;                 //  28
 *     __u64 stx_ino;                  //  32
 *     __u64 stx_size;                 //  40
 *     ...
 *     __u32 stx_dev_major;            // 136
 *     __u32 stx_dev_minor;            // 140
 *     ...
 * };
 * }</pre>
 */
final class Statx {

    static final int SIZE = 256;
    static final long NLINK = 16;
    static final long UID = 20;
    static final long GID = 24;
    static final long MODE = 28;
    static final long INO = 32;
    static final long LENGTH = 40;
    static final long DEV_MAJOR = 136;
    static final long DEV_MINOR = 140;

    // <fcntl.h>
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;

    private static final MethodHandle STATX = Native.function("statx", INT, INT, POINTER, INT, INT, POINTER);

    private Statx() {}

    static Stat of(int directory, String path, int flags, String shown) throws PosixException {
        CallFrame frame = CallFrame.get();
        MemorySegment name = frame.path("statx", path);
        int result;
        try {
            result = (int) STATX.invokeExact(frame.errno, directory, name, flags, STATX_BASIC_STATS, frame.struct);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
        if (result < 0) {
            throw frame.failure("statx", shown);
        }
        MemorySegment stat = frame.struct;
        return new Stat(
                Short.toUnsignedInt(stat.get(ValueLayout.JAVA_SHORT, MODE)),
                stat.get(INT, UID),
                stat.get(INT, GID),
                makedev(stat.get(INT, DEV_MAJOR), stat.get(INT, DEV_MINOR)),
                stat.get(LONG, INO),
                stat.get(INT, NLINK),
                stat.get(LONG, LENGTH));
    }

    /** {@code gnu_dev_makedev} of {@code <sys/sysmacros.h>}. */
    static long makedev(int major, int minor) {
        return ((major & 0xfffff000L) << 32)
                | ((major & 0x00000fffL) << 8)
                | ((minor & 0xffffff00L) << 12)
                | (minor & 0x000000ffL);
    }
}
