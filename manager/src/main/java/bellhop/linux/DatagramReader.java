package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code recvmsg(2)}: takes datagrams from {@link Sockets#datagrams}, with who sent them and the descriptors
 * that came along. One thread uses it, for any number of sockets. Layouts are the same on x86-64 and aarch64:
 *
 * <pre>{@code
 * struct msghdr {                     //  56 bytes
 *     void *msg_name;                 //   0
 *     socklen_t msg_namelen;          //   8
 *     struct iovec *msg_iov;          //  16
 *     size_t msg_iovlen;              //  24
 *     void *msg_control;              //  32
 *     size_t msg_controllen;          //  40
 *     int msg_flags;                  //  48
 * };
 * struct iovec {                      //  16 bytes
 *     void *iov_base;                 //   0
 *     size_t iov_len;                 //   8
 * };
 * struct cmsghdr {                    //  16 bytes, each at a multiple of 8
 *     size_t cmsg_len;                //   0, with these 16 bytes
 *     int cmsg_level;                 //   8
 *     int cmsg_type;                  //  12
 * };
 * struct ucred {                      //  12 bytes
 *     pid_t pid;                      //   0
 *     uid_t uid;                      //   4
 *     gid_t gid;                      //   8
 * };
 * }</pre>
 */
public final class DatagramReader {

    /** The longest datagram that is taken whole, in bytes: as long as {@code systemd(1)} takes. */
    public static final int LONGEST = 4096;

    static final int MSGHDR_SIZE = 56;
    static final int MSG_IOV = 16;
    static final int MSG_IOVLEN = 24;
    static final int MSG_CONTROL = 32;
    static final int MSG_CONTROLLEN = 40;
    static final int MSG_FLAGS = 48;
    static final int IOVEC_SIZE = 16;
    static final int IOV_LEN = 8;
    static final int CMSGHDR_SIZE = 16;
    static final int CMSG_LEVEL = 8;
    static final int CMSG_TYPE = 12;
    static final int UCRED_SIZE = 12;
    static final int UCRED_PID = 0;
    static final int UCRED_UID = 4;

    // <bits/socket.h>
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** Room for the 253 descriptors that a datagram may carry, and for its sender. */
    private static final int CONTROL_SIZE = 1088;

    private static final int NOBODY = -1;

    private static final CFunction RECVMSG = CFunction.named("recvmsg");

    private final MemorySegment memory;
    private final ByteBuffer header;
    private final ByteBuffer control;
    private final ByteBuffer text;

    /**
     * One datagram.
     *
     * @param text what it says; the first {@link #LONGEST} bytes of a longer one
     * @param whole whether that is all
     * @param pid its sender, 0 if that is in another PID namespace
     * @param uid the sender's user, -1 if the kernel does not say
     * @param descriptors what came along, now open here: the caller's to close
     */
    public record Datagram(String text, boolean whole, int pid, int uid, List<Integer> descriptors) {}

    /** One with memory of its own. */
    public DatagramReader() {
        int texts = MSGHDR_SIZE + IOVEC_SIZE + CONTROL_SIZE;
        memory = Arena.ofAuto().allocate(texts + LONGEST, Long.BYTES);
        header = CallFrame.buffer(memory.asSlice(0, MSGHDR_SIZE + IOVEC_SIZE));
        control = CallFrame.buffer(memory.asSlice(MSGHDR_SIZE + IOVEC_SIZE, CONTROL_SIZE));
        text = CallFrame.buffer(memory.asSlice(texts, LONGEST));
    }

    /** The next datagram; empty if there is none now. */
    public Optional<Datagram> next(int fd) throws PosixException {
        CallFrame frame = CallFrame.get();
        while (true) {
            prepare();
            long count = RECVMSG.callLong(frame, fd, memory.address(), MSG_CMSG_CLOEXEC);
            if (count >= 0) {
                return Optional.of(datagram((int) count));
            }
            switch (frame.lastError()) {
                case Errno.EAGAIN -> {
                    return Optional.empty();
                }
                case Errno.EINTR -> {}
                default -> throw frame.failure("recvmsg", fd);
            }
        }
    }

    private void prepare() {
        long vector = memory.address() + MSGHDR_SIZE;
        header.put(0, new byte[MSGHDR_SIZE])
                .putLong(MSG_IOV, vector)
                .putLong(MSG_IOVLEN, 1)
                .putLong(MSG_CONTROL, vector + IOVEC_SIZE)
                .putLong(MSG_CONTROLLEN, CONTROL_SIZE)
                .putLong(MSGHDR_SIZE, vector + IOVEC_SIZE + CONTROL_SIZE)
                .putLong(MSGHDR_SIZE + IOV_LEN, LONGEST);
    }

    private Datagram datagram(int length) {
        byte[] bytes = new byte[length];
        text.get(0, bytes);
        boolean whole = (header.getInt(MSG_FLAGS) & MSG_TRUNC) == 0;
        int pid = 0;
        int uid = NOBODY;
        List<Integer> descriptors = new ArrayList<>();
        int filled = (int) header.getLong(MSG_CONTROLLEN);
        int at = 0;
        while (at + CMSGHDR_SIZE <= filled) {
            int end = at + (int) control.getLong(at);
            int data = at + CMSGHDR_SIZE;
            if (control.getInt(at + CMSG_LEVEL) == Sockets.SOL_SOCKET) {
                switch (control.getInt(at + CMSG_TYPE)) {
                    case SCM_CREDENTIALS -> {
                        pid = control.getInt(data + UCRED_PID);
                        uid = control.getInt(data + UCRED_UID);
                    }
                    case SCM_RIGHTS -> {
                        for (int i = data; i + Integer.BYTES <= end; i += Integer.BYTES) {
                            descriptors.add(control.getInt(i));
                        }
                    }
                    default -> {}
                }
            }
            at = Math.max(data, Math.ceilDiv(end, Long.BYTES) * Long.BYTES);
        }
        return new Datagram(CText.decode(bytes, 0, length), whole, pid, uid, List.copyOf(descriptors));
    }
}
