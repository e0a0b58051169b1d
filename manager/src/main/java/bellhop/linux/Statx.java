package bellhop.linux;

import java.nio.ByteBuffer;

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
 *     struct statx_timestamp stx_ctime; //  96: __s64 tv_sec, __u32 tv_nsec
 *     struct statx_timestamp stx_mtime; // 112
 *     ...
 *     __u32 stx_dev_major;            // 136
 *     __u32 stx_dev_minor;            // 140
 *     ...
 * };
 * }</pre>
 */
final class Statx {

    static final int SIZE = 256;
    static final int NLINK = 16;
    static final int UID = 20;
    static final int GID = 24;
    static final int MODE = 28;
    static final int INO = 32;
    static final int LENGTH = 40;
    static final int CTIME_SEC = 96;
    static final int CTIME_NSEC = 104;
    static final int MTIME_SEC = 112;
    static final int MTIME_NSEC = 120;
    static final int DEV_MAJOR = 136;
    static final int DEV_MINOR = 140;

    // <fcntl.h>
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private static final CFunction STATX = CFunction.named("statx");

    private Statx() {}

    static Stat of(int directory, String path, int flags, String shown) throws PosixException {
        CallFrame frame = CallFrame.get();
        long name = frame.path("statx", path);
        int result = STATX.call(frame, directory, name, flags, STATX_BASIC_STATS, frame.structAddress);
        if (result < 0) {
            throw frame.failure("statx", shown);
        }
        ByteBuffer stat = frame.struct;
        return new Stat(
                Short.toUnsignedInt(stat.getShort(MODE)),
                stat.getInt(UID),
                stat.getInt(GID),
                makedev(stat.getInt(DEV_MAJOR), stat.getInt(DEV_MINOR)),
                stat.getLong(INO),
                stat.getInt(NLINK),
                stat.getLong(LENGTH),
                stat.getLong(MTIME_SEC) * NANOS_PER_SECOND + stat.getInt(MTIME_NSEC),
                stat.getLong(CTIME_SEC) * NANOS_PER_SECOND + stat.getInt(CTIME_NSEC));
    }

    /** {@code gnu_dev_makedev} of {@code <sys/sysmacros.h>}. */
    static long makedev(int major, int minor) {
        return ((major & 0xfffff000L) << 32)
                | ((major & 0x00000fffL) << 8)
                | ((minor & 0xffffff00L) << 12)
                | (minor & 0x000000ffL);
    }
}
