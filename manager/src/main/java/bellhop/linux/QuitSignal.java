package bellhop.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * QUIT, at which a JVM prints the stacks of all threads and goes on, and which it lets no Java program have.
 *
 * <p>No Java code may run as a signal handler. One function of the C library fits, {@code eventfd_write(descriptor,
 * number)}: its first parameter is where a handler gets the signal, 3, so that it adds to the eventfd that is descriptor
 * 3, and its second is the address of the details, which is never 0. It makes only one system call. The program that starts the
 * JVM keeps descriptor 3 free for it, with {@code /dev/null}; over {@link Exec} the eventfd stays where it is.
 *
 * <p>Tools that attach to a JVM send QUIT, too, and the JVM's own handler, called here, lets them in.
 */
public final class QuitSignal {

    private static final int FD = Signals.QUIT;

    /** The path for the program that starts such a JVM. */
    public static final Spawn.Opened PLACE = new Spawn.Opened(FD, Path.of("/dev/null"));

    // <bits/sigaction.h>, the same on x86-64 and aarch64
    private static final int SA_FLAGS = 136;
    private static final int SA_SIGINFO = 0x4;
    private static final int SA_ONSTACK = 0x0800_0000;
    private static final int SA_RESTART = 0x1000_0000;

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long LONGEST_ATTACHING_MILLIS = 60_000;

    /** As what {@code /proc} shows an eventfd. */
    private static final String EVENTFD = "anon_inode:[eventfd]";

    private static @Nullable QuitSignal taken;

    private final Wakeup arrived;
    private final CFunction ofJvm;

    private QuitSignal(Wakeup arrived, CFunction ofJvm) {
        this.arrived = arrived;
        this.ofJvm = ofJvm;
    }

    /**
     * Takes it from the JVM, for good.
     *
     * @return null if descriptor 3 was not kept free, or QUIT is not the JVM's: then all stays as it is
     */
    public static synchronized @Nullable QuitSignal take() throws PosixException {
        if (taken == null && prepareDescriptor()) {
            CFunction sigaction = CFunction.named("sigaction");
            CallFrame frame = CallFrame.get();
            sigaction.call(frame, Signals.QUIT, CFunction.NULL, frame.structAddress);
            long ofJvm = frame.struct.getLong(Spawn.SA_HANDLER);
            if (ofJvm == Spawn.SIG_DFL || ofJvm == Spawn.SIG_IGN) {
                return null;
            }
            taken = new QuitSignal(Wakeup.at(FD), CFunction.at(ofJvm));
            ByteBuffer action = frame.struct;
            action.put(0, new byte[Spawn.SIGACTION_SIZE])
                    .putLong(Spawn.SA_HANDLER, CFunction.named("eventfd_write").address())
                    .putInt(SA_FLAGS, SA_SIGINFO | SA_ONSTACK | SA_RESTART);
            if (sigaction.call(frame, Signals.QUIT, frame.structAddress, CFunction.NULL) < 0) {
                throw frame.failure("sigaction", "QUIT");
            }
        }
        return taken;
    }

    /** Makes descriptor 3 the eventfd, if it is not used for something else. */
    private static boolean prepareDescriptor() throws PosixException {
        String there;
        try {
            there = Files.readSymbolicLink(Path.of("/proc/self/fd/" + FD)).toString();
        } catch (IOException e) {
            return false;
        }
        if (there.equals("/dev/null")) {
            int made = Fd.eventfd();
            Fd.replace(FD, made);
            Fd.close(made);
            return true;
        }
        return there.equals(EVENTFD); // of the program that executed this one
    }

    /** Whether the descriptor is one that the next program finds again. */
    static synchronized boolean isOn(int fd) {
        return fd == FD && taken != null;
    }

    /** Is ready to read once the signal has come. */
    public int fd() {
        return arrived.fd();
    }

    /** Takes what has come; whether it asks for the end. If it is a tool that attaches, the JVM lets it in. */
    public boolean asksForTheEnd() throws PosixException {
        arrived.drain();
        if (isAttaching()) {
            ofJvm.call(CallFrame.get(), Signals.QUIT, CFunction.NULL, CFunction.NULL);
            return false;
        }
        return true;
    }

    /**
     * Such a tool first makes a file, in the working directory or in {@code /tmp}, of its own user, whom the JVM knows as
     * root or as itself. Once the JVM listens at its socket none sends the signal: what is left of one that was killed
     * deceives no reader twice.
     */
    private static boolean isAttaching() {
        int pid = Proc.self();
        boolean listens = stat("/tmp/.java_pid" + pid) != null;
        return !listens
                && (isFresh(stat("/proc/self/cwd/.attach_pid" + pid)) || isFresh(stat("/tmp/.attach_pid" + pid)));
    }

    private static boolean isFresh(@Nullable Stat mark) {
        return mark != null
                && mark.isRegular()
                && (mark.uid() == 0 || mark.uid() == Self.euid())
                && System.currentTimeMillis() - mark.mtime() / NANOS_PER_MILLI < LONGEST_ATTACHING_MILLIS;
    }

    private static @Nullable Stat stat(String path) {
        try {
            return Fd.lstat(Path.of(path));
        } catch (PosixException e) {
            return null;
        }
    }
}
