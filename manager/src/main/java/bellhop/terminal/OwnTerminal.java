package bellhop.terminal;

import java.io.IOException;
import java.util.Map;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** The terminal of this process, by JLine. */
public final class OwnTerminal {

    private static final int COLUMNS = 80;
    private static final int ROWS = 24;

    private OwnTerminal() {}

    /**
     * What it can show.
     *
     * @param size the number of lines and that of columns, {@code 24x80}; if it is none, the terminal is asked
     */
    public static Look look(Map<String, String> environment, String size) {
        int sign = size.indexOf('x');
        try {
            Size told = known(
                    new Size(Integer.parseInt(size.substring(sign + 1)), Integer.parseInt(size.substring(0, sign))));
            return Look.ofTerminal(environment, told::getColumns, told::getRows);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return Look.ofTerminal(environment, () -> size().getColumns(), () -> size().getRows());
        }
    }

    private static Size size() {
        try (Terminal terminal = open()) {
            return known(terminal.getSize());
        } catch (IOException | IllegalStateException e) {
            return new Size(COLUMNS, ROWS);
        }
    }

    /** The size, or that of most terminals if this one does not know. */
    static Size known(Size size) {
        return size.getColumns() > 0 && size.getRows() > 0 ? size : new Size(COLUMNS, ROWS);
    }

    /** Only by the functions of the C library, and never something that only looks like a terminal. */
    static Terminal open() throws IOException {
        return TerminalBuilder.builder()
                .system(true)
                .dumb(false)
                .provider("ffm")
                .build();
    }
}
