package bellhop.linux;

/**
 * The metadata of a file.
 *
 * @param mode type and permission bits, as {@code st_mode}
 * @param dev the device that holds it, as {@code makedev} makes it
 * @param mtime when its content was last changed, nanoseconds since 1970
 * @param ctime when its content or its metadata was last changed, likewise; no program can set it
 */
public record Stat(int mode, int uid, int gid, long dev, long ino, int links, long size, long mtime, long ctime) {

    private static final int S_IFMT = 0170000;

    public boolean isFifo() {
        return (mode & S_IFMT) == 0010000;
    }

    public boolean isDirectory() {
        return (mode & S_IFMT) == 0040000;
    }

    public boolean isRegular() {
        return (mode & S_IFMT) == 0100000;
    }

    public boolean isSymbolicLink() {
        return (mode & S_IFMT) == 0120000;
    }

    public boolean isSocket() {
        return (mode & S_IFMT) == 0140000;
    }

    public boolean isCharacterDevice() {
        return (mode & S_IFMT) == 0020000;
    }

    /** The permission bits with setuid, setgid and sticky. */
    public int permissions() {
        return mode & 07777;
    }
}
