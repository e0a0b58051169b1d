package bellhop.terminal;

import java.util.Map;

/** Terminals to draw on. */
final class Looks {

    private Looks() {}

    /** One without colours that shows ASCII alone. */
    static Look ascii(int columns) {
        return Look.ofTerminal(Map.of("TERM", "xterm", "NO_COLOR", "1", "LANG", "C"), () -> columns, () -> 24);
    }

    /** One with everything. */
    static Look full(int columns) {
        return Look.ofTerminal(Map.of("TERM", "xterm", "LANG", "C.UTF-8"), () -> columns, () -> 24);
    }
}
