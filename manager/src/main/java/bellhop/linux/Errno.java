package bellhop.linux;

import java.util.Map;

/** The error numbers of {@code <asm-generic/errno.h>}, the same on x86-64 and aarch64. */
public final class Errno {

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int ENOEXEC = 8;
    public static final int EBADF = 9;
    public static final int ECHILD = 10;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ETXTBSY = 26;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int ESPIPE = 29;
    public static final int EROFS = 30;
    public static final int EPIPE = 32;
    public static final int ERANGE = 34;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int ENOTEMPTY = 39;
    public static final int ELOOP = 40;
    public static final int EOVERFLOW = 75;
    public static final int EADDRINUSE = 98;
    public static final int ENOBUFS = 105;
    public static final int ECONNREFUSED = 111;
    public static final int EINPROGRESS = 115;
    public static final int EDQUOT = 122;

    private record ErrorText(String name, String text) {}

    private static final Map<Integer, ErrorText> ENTRIES = Map.ofEntries(
            Map.entry(EPERM, new ErrorText("EPERM", "Operation not permitted")),
            Map.entry(ENOENT, new ErrorText("ENOENT", "No such file or directory")),
            Map.entry(ESRCH, new ErrorText("ESRCH", "No such process")),
            Map.entry(EINTR, new ErrorText("EINTR", "Interrupted system call")),
            Map.entry(EIO, new ErrorText("EIO", "Input/output error")),
            Map.entry(ENXIO, new ErrorText("ENXIO", "No such device or address")),
            Map.entry(E2BIG, new ErrorText("E2BIG", "Argument list too long")),
            Map.entry(ENOEXEC, new ErrorText("ENOEXEC", "Exec format error")),
            Map.entry(EBADF, new ErrorText("EBADF", "Bad file descriptor")),
            Map.entry(ECHILD, new ErrorText("ECHILD", "No child processes")),
            Map.entry(EAGAIN, new ErrorText("EAGAIN", "Resource temporarily unavailable")),
            Map.entry(ENOMEM, new ErrorText("ENOMEM", "Cannot allocate memory")),
            Map.entry(EACCES, new ErrorText("EACCES", "Permission denied")),
            Map.entry(EBUSY, new ErrorText("EBUSY", "Device or resource busy")),
            Map.entry(EEXIST, new ErrorText("EEXIST", "File exists")),
            Map.entry(ENODEV, new ErrorText("ENODEV", "No such device")),
            Map.entry(ENOTDIR, new ErrorText("ENOTDIR", "Not a directory")),
            Map.entry(EISDIR, new ErrorText("EISDIR", "Is a directory")),
            Map.entry(EINVAL, new ErrorText("EINVAL", "Invalid argument")),
            Map.entry(ENFILE, new ErrorText("ENFILE", "Too many open files in system")),
            Map.entry(EMFILE, new ErrorText("EMFILE", "Too many open files")),
            Map.entry(ENOTTY, new ErrorText("ENOTTY", "Inappropriate ioctl for device")),
            Map.entry(ETXTBSY, new ErrorText("ETXTBSY", "Text file busy")),
            Map.entry(EFBIG, new ErrorText("EFBIG", "File too large")),
            Map.entry(ENOSPC, new ErrorText("ENOSPC", "No space left on device")),
            Map.entry(ESPIPE, new ErrorText("ESPIPE", "Illegal seek")),
            Map.entry(EROFS, new ErrorText("EROFS", "Read-only file system")),
            Map.entry(EPIPE, new ErrorText("EPIPE", "Broken pipe")),
            Map.entry(ERANGE, new ErrorText("ERANGE", "Numerical result out of range")),
            Map.entry(ENAMETOOLONG, new ErrorText("ENAMETOOLONG", "File name too long")),
            Map.entry(ENOSYS, new ErrorText("ENOSYS", "Function not implemented")),
            Map.entry(ENOTEMPTY, new ErrorText("ENOTEMPTY", "Directory not empty")),
            Map.entry(ELOOP, new ErrorText("ELOOP", "Too many levels of symbolic links")),
            Map.entry(EOVERFLOW, new ErrorText("EOVERFLOW", "Value too large for defined data type")),
            Map.entry(EADDRINUSE, new ErrorText("EADDRINUSE", "Address already in use")),
            Map.entry(ENOBUFS, new ErrorText("ENOBUFS", "No buffer space available")),
            Map.entry(ECONNREFUSED, new ErrorText("ECONNREFUSED", "Connection refused")),
            Map.entry(EINPROGRESS, new ErrorText("EINPROGRESS", "Operation now in progress")),
            Map.entry(EDQUOT, new ErrorText("EDQUOT", "Disk quota exceeded")));

    private Errno() {}

    /** The name, {@code ENOENT}; {@code errno 123} if it is none of the above. */
    public static String name(int errno) {
        ErrorText entry = ENTRIES.get(errno);
        return entry == null ? "errno " + errno : entry.name;
    }

    /** The words of {@code strerror} in the C locale: {@code No such file or directory}. */
    public static String text(int errno) {
        ErrorText entry = ENTRIES.get(errno);
        return entry == null ? "Unknown error" : entry.text;
    }

    /** Words and name: {@code No such file or directory (ENOENT)}. */
    public static String describe(int errno) {
        return text(errno) + " (" + name(errno) + ")";
    }
}
