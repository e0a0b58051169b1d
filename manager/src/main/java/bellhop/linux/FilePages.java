package bellhop.linux;

import java.nio.charset.StandardCharsets;

/** The pages of files that this process has mapped and not written, {@code madvise(2)}. */
public final class FilePages {

    private static final CFunction MADVISE = CFunction.named("madvise");
    private static final int MADV_DONTNEED = 4;

    /** Smaller ones are hardly worth a call. */
    private static final long MIN_SIZE = 1 << 20;

    private static final int PERMISSIONS = 1;
    private static final int INODE = 4;

    private FilePages() {}

    /**
     * Has this process refer to no page of a large file, until it reads that page again: then it finds it in the
     * kernel's cache. The program of a process that has started consists mostly of what it needed for its start.
     *
     * <p>A mapping of which a page was written is left alone, even if it may be written no more, such as what the
     * dynamic linker has relocated: the page would be lost.
     *
     * @return how many bytes are in the mappings that were released
     */
    public static long release() throws PosixException {
        String smaps = new String(Proc.readAll("/proc/self/smaps"), StandardCharsets.UTF_8);
        long released = 0;
        long start = 0;
        long size = 0;
        for (String line : smaps.split("\n", -1)) {
            if (!Character.isUpperCase(line.isEmpty() ? ' ' : line.charAt(0))) {
                String[] fields = line.split(" +", INODE + 2);
                boolean isFile = fields.length > INODE && !fields[INODE].equals("0") && isReadOnly(fields[PERMISSIONS]);
                String[] range = fields[0].split("-", 2);
                start = isFile ? Long.parseUnsignedLong(range[0], 16) : 0;
                size = isFile ? Long.parseUnsignedLong(range[1], 16) - start : 0;
            } else if (line.startsWith("Anonymous:") && !line.endsWith(" 0 kB")) {
                size = 0;
            } else if (size >= MIN_SIZE && line.startsWith("Swap:") && line.endsWith(" 0 kB")) {
                CallFrame frame = CallFrame.get();
                if (MADVISE.call(frame, start, size, MADV_DONTNEED) < 0) {
                    throw frame.failure("madvise", Long.toHexString(start), size);
                }
                released += size;
            }
        }
        return released;
    }

    private static boolean isReadOnly(String permissions) {
        return permissions.startsWith("r-") && permissions.endsWith("p");
    }
}
