package bellhop.core;

import java.util.Optional;

/**
 * The end of a launch of {@code run}.
 *
 * @param result what became of it
 * @param exit how its process ended; empty while that has not been seen, or if there never was one
 */
public record RunEnd(RunResult result, Optional<Exit> exit) {

    /** How its process ended, in a word: {@code exited}, {@code killed}, {@code dumped} core, or {@code unknown}. */
    public String code() {
        return exit.map(RunEnd::code).orElse("unknown");
    }

    private static String code(Exit exit) {
        return switch (exit) {
            case Exit.Exited _ -> "exited";
            case Exit.Killed(String _, boolean dumped) -> dumped ? "dumped" : "killed";
            case Exit.OutOfMemory(Exit end) -> code(end);
            case Exit.Unknown _ -> "unknown";
        };
    }

    /** The exit code in digits, or the name of the signal without SIG; empty text if neither is known. */
    public String status() {
        return exit.map(RunEnd::status).orElse("");
    }

    private static String status(Exit exit) {
        return switch (exit) {
            case Exit.Exited(int code) -> Integer.toString(code);
            case Exit.Killed(String signal, boolean _) -> signal;
            case Exit.OutOfMemory(Exit end) -> status(end);
            case Exit.Unknown _ -> "";
        };
    }
}
