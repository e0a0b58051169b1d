package bellhop.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** Signals: their numbers, which x86-64 and aarch64 share, and sending them. */
public final class Signals {

    // <asm-generic/signal.h>
    public static final int HUP = 1;
    public static final int INT = 2;
    public static final int QUIT = 3;
    public static final int ABRT = 6;
    public static final int KILL = 9;
    public static final int USR1 = 10;
    public static final int SEGV = 11;
    public static final int USR2 = 12;
    public static final int PIPE = 13;
    public static final int ALRM = 14;
    public static final int TERM = 15;
    public static final int CHLD = 17;
    public static final int CONT = 18;
    public static final int STOP = 19;

    private static final List<String> NAMES = List.of(
            "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
            "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
            "PROF", "WINCH", "IO", "PWR", "SYS");
    private static final int RTMIN = 34;
    private static final int RTMAX = 64;

    /** The greatest number. */
    public static final int GREATEST = RTMAX;

    private static final CFunction SEND = CFunction.named("kill");

    private Signals() {}

    /**
     * The number of a signal.
     *
     * @param name {@code TERM}, {@code SIGTERM}, {@code sigterm}, {@code 15}, {@code RTMIN+3} or {@code RTMAX-1}
     * @return empty if there is no such signal
     */
    public static OptionalInt number(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        String bare = upper.startsWith("SIG") ? upper.substring(3) : upper;
        int known = NAMES.indexOf(bare);
        if (known > 0) {
            return OptionalInt.of(known);
        }
        return switch (bare) {
            case "POLL" -> OptionalInt.of(NAMES.indexOf("IO"));
            case "IOT" -> OptionalInt.of(ABRT);
            case "CLD" -> OptionalInt.of(CHLD);
            case "RTMIN" -> OptionalInt.of(RTMIN);
            case "RTMAX" -> OptionalInt.of(RTMAX);
            default -> numberOfRealTime(bare);
        };
    }

    private static OptionalInt numberOfRealTime(String bare) {
        try {
            int number;
            if (bare.startsWith("RTMIN+")) {
                number = RTMIN + Integer.parseUnsignedInt(bare.substring(6));
            } else if (bare.startsWith("RTMAX-")) {
                number = RTMAX - Integer.parseUnsignedInt(bare.substring(6));
            } else {
                number = Integer.parseUnsignedInt(bare);
                return number >= 1 && number <= RTMAX ? OptionalInt.of(number) : OptionalInt.empty();
            }
            return number >= RTMIN && number <= RTMAX ? OptionalInt.of(number) : OptionalInt.empty();
        } catch (NumberFormatException _) {
            return OptionalInt.empty();
        }
    }

    /** All names without SIG, those of real-time signals among them as {@code RTMIN+3} and {@code RTMAX-1}. */
    public static List<String> names() {
        List<String> names = new ArrayList<>(NAMES.subList(1, NAMES.size()));
        int half = (RTMAX - RTMIN) / 2;
        for (int i = 0; i <= half; i++) {
            names.add(i == 0 ? "RTMIN" : "RTMIN+" + i);
        }
        for (int i = RTMAX - RTMIN - half - 1; i >= 0; i--) {
            names.add(i == 0 ? "RTMAX" : "RTMAX-" + i);
        }
        return names;
    }

    /** The name without SIG, {@code TERM}; {@code RTMIN+3} from 34 on; else the number. */
    public static String name(int signal) {
        if (signal > 0 && signal < NAMES.size()) {
            return NAMES.get(signal);
        }
        if (signal >= RTMIN && signal <= RTMAX) {
            return signal == RTMIN ? "RTMIN" : "RTMIN+" + (signal - RTMIN);
        }
        return Integer.toString(signal);
    }

    /**
     * Signals one process.
     *
     * @return false if there is no such process
     */
    public static boolean kill(int pid, int signal) throws PosixException {
        if (pid < 1) {
            throw new IllegalArgumentException("not the number of one process: " + pid);
        }
        return send(pid, signal);
    }

    /**
     * Signals every process of a group.
     *
     * @return false if there is no such group
     */
    public static boolean killGroup(int group, int signal) throws PosixException {
        if (group < 2) {
            throw new IllegalArgumentException("kill would take it for another or for all: group " + group);
        }
        return send(-group, signal);
    }

    private static boolean send(int target, int signal) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = SEND.call(frame, target, signal);
        if (result == 0) {
            return true;
        }
        if (frame.lastError() == Errno.ESRCH) {
            return false;
        }
        throw frame.failure("kill", target, name(signal));
    }
}
