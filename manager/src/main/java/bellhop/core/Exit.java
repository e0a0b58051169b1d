package bellhop.core;

import java.util.List;

/** How a process ended, as {@code waitid(2)} reports it. */
public sealed interface Exit {

    /**
     * It called {@code exit}.
     *
     * @param code the exit status, 0 to 255
     */
    record Exited(int code) implements Exit {}

    /**
     * A signal ended it.
     *
     * @param signal the signal's name without SIG, {@code KILL}
     * @param dumped whether it has left a core dump
     */
    record Killed(String signal, boolean dumped) implements Exit {
        /** Without a core dump. */
        public Killed(String signal) {
            this(signal, false);
        }
    }

    /**
     * It did not end well, and while it ran the kernel has killed for memory, it or another process of the service.
     *
     * @param end how it ended
     */
    record OutOfMemory(Exit end) implements Exit {}

    /** It is gone, and nobody can say how. */
    record Unknown() implements Exit {}

    /** Whether it exited with status 0. */
    default boolean success() {
        return this instanceof Exited(int code) && code == 0;
    }

    /** Whether it exited with status 0 for all that is known. */
    default boolean mayBeSuccess() {
        return success() || this instanceof Unknown;
    }

    /** Whether it is one of these ends, named as {@link bellhop.definition.ExitRules} has them. */
    default boolean isAmong(List<String> ends) {
        return switch (this) {
            case Exited(int code) -> ends.contains(Integer.toString(code));
            case Killed(String signal, boolean _) -> ends.contains(signal);
            case OutOfMemory(Exit end) -> end.isAmong(ends);
            case Unknown() -> false;
        };
    }

    /** The predicate of a sentence whose subject is the process: {@code exited 42}. */
    default String phrase() {
        return switch (this) {
            case Exited(int code) -> "exited " + code;
            case Killed(String signal, boolean _) -> "was killed by SIG" + signal;
            case OutOfMemory(Exit end) -> end.phrase() + " (out of memory)";
            case Unknown() -> "ended with unknown exit status";
        };
    }
}
