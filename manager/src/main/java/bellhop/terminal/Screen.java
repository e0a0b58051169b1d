package bellhop.terminal;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/** The whole terminal, drawn over and over: only what differs is sent. Keys are read as they are pressed. */
final class Screen implements Closeable {

    /** No key was pressed in time. */
    static final int NONE = -2;

    /** The terminal has gone. */
    static final int GONE = -1;

    static final int UP = 0x110000;
    static final int DOWN = 0x110001;
    static final int PAGE_UP = 0x110002;
    static final int PAGE_DOWN = 0x110003;
    static final int ESCAPE = 0x1b;

    /** How long the rest of a key's sequence may take after its first character. */
    private static final long SEQUENCE_MILLIS = 50;

    private final Terminal terminal;
    private final Attributes before;
    private final Display display;

    /** Takes the terminal; what stood there comes back with {@link #close}. */
    Screen(Terminal terminal) {
        this.terminal = terminal;
        before = terminal.enterRawMode();
        display = new Display(terminal, true);
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        terminal.flush();
    }

    int columns() {
        return size().getColumns();
    }

    int rows() {
        return size().getRows();
    }

    private Size size() {
        return OwnTerminal.known(terminal.getSize());
    }

    /** Shows these lines, from the top; what there is no room for is not shown. */
    void show(List<String> lines) {
        Size size = size();
        display.resize(size.getRows(), size.getColumns());
        List<AttributedString> shown = new ArrayList<>();
        for (int row = 0; row < size.getRows(); row++) {
            AttributedString line = AttributedString.fromAnsi(row < lines.size() ? lines.get(row) : "");
            shown.add(line.columnSubSequence(0, size.getColumns()));
        }
        display.update(shown, -1);
        terminal.flush();
    }

    /**
     * Waits for a key.
     *
     * @return its character, one of the constants here, {@link #NONE} after so many milliseconds, or {@link #GONE}
     */
    int key(long millis) throws IOException {
        NonBlockingReader reader = terminal.reader();
        int c = reader.read(Math.max(1, millis));
        if (c != ESCAPE) {
            return c;
        }
        int next = reader.read(SEQUENCE_MILLIS);
        if (next != '[' && next != 'O') {
            return ESCAPE;
        }
        return switch (reader.read(SEQUENCE_MILLIS)) {
            case 'A' -> UP;
            case 'B' -> DOWN;
            case '5' -> skipTilde(reader, PAGE_UP);
            case '6' -> skipTilde(reader, PAGE_DOWN);
            default -> 0; // a key that means nothing here
        };
    }

    private static int skipTilde(NonBlockingReader reader, int key) throws IOException {
        var _ = reader.read(SEQUENCE_MILLIS);
        return key;
    }

    @Override
    public void close() throws IOException {
        terminal.puts(Capability.cursor_visible);
        terminal.puts(Capability.exit_ca_mode);
        terminal.setAttributes(before);
        terminal.flush();
        terminal.close();
    }
}
