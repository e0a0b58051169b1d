package bellhop.image;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A terminal of 80 columns and 24 lines that understands what {@code bh} sends to one of the type xterm-256color.
 * Anything else is refused, so that no picture is drawn of what was misunderstood. Lines that have left it at the top
 * are kept.
 */
final class DrawnTerminal {

    static final int COLUMNS = 80;
    static final int ROWS = 24;

    /** Control Sequence Introducer, parameters, final character; or one of the two that have no parameters. */
    private static final Pattern SEQUENCE = Pattern.compile("\u001b(?:\\[(\\??)([0-9;]*)([@-~])|\\(B|[=>])");

    /** One whose end was not sent yet. */
    private static final Pattern BEGUN = Pattern.compile("\u001b(?:\\[\\??[0-9;]*|\\()?");

    private static final char ESCAPE = '\u001b';

    /** How a character looks; the colour is that of Select Graphic Rendition, 30 to 37, or 0. */
    record Style(int colour, boolean isBold, boolean isFaint, boolean isInverse) {
        static final Style PLAIN = new Style(0, false, false, false);

        private Style with(int code) {
            return switch (code) {
                case 0 -> PLAIN;
                case 1 -> new Style(colour, true, isFaint, isInverse);
                case 2 -> new Style(colour, isBold, true, isInverse);
                case 7 -> new Style(colour, isBold, isFaint, true);
                case 22 -> new Style(colour, false, false, isInverse);
                case 27 -> new Style(colour, isBold, isFaint, false);
                case 30, 31, 32, 33, 34, 35, 36, 37 -> new Style(code, isBold, isFaint, isInverse);
                case 39 -> new Style(0, isBold, isFaint, isInverse);
                default -> throw new AssertionError("the terminal of the test knows no style " + code);
            };
        }
    }

    /** One character. */
    record Cell(char character, Style style) {
        static final Cell BLANK = new Cell(' ', Style.PLAIN);
    }

    /** A line, without the blanks behind its last character. */
    record Line(List<Cell> cells) {

        String text() {
            StringBuilder text = new StringBuilder();
            cells.forEach(cell -> text.append(cell.character()));
            return text.toString();
        }

        /** A line in which each match is this text, in the style that the match began with. */
        Line replaced(Pattern pattern, String by) {
            List<Cell> changed = new ArrayList<>();
            int done = 0;
            Matcher match = pattern.matcher(text());
            while (match.find()) {
                changed.addAll(cells.subList(done, match.start()));
                Style style = cells.get(match.start()).style();
                by.chars().forEach(character -> changed.add(new Cell((char) character, style)));
                done = match.end();
            }
            changed.addAll(cells.subList(done, cells.size()));
            return new Line(changed);
        }

        boolean isInverse() {
            return !cells.isEmpty()
                    && cells.stream().allMatch(cell -> cell.style().isInverse());
        }
    }

    private List<List<Cell>> lines = new ArrayList<>(List.of(new ArrayList<>()));
    private int row;
    private int column;
    private Style style = Style.PLAIN;

    private DrawnTerminal() {}

    /**
     * What stands there after this was sent.
     *
     * @param sent may end within a sequence
     */
    static List<Line> after(String sent) {
        DrawnTerminal terminal = new DrawnTerminal();
        Matcher sequence = SEQUENCE.matcher(sent);
        int at = 0;
        while (at < sent.length()) {
            char next = sent.charAt(at);
            if (next == ESCAPE) {
                if (!sequence.region(at, sent.length()).lookingAt()) {
                    if (BEGUN.matcher(sent.substring(at)).matches()) {
                        break;
                    }
                    throw new AssertionError("the terminal of the test does not know the sequence at the beginning of "
                            + sent.substring(at + 1, Math.min(sent.length(), at + 20)));
                }
                if (sequence.group(3) != null) {
                    terminal.obey(
                            sequence.group(1).isEmpty(),
                            sequence.group(2),
                            sequence.group(3).charAt(0));
                }
                at = sequence.end();
            } else {
                terminal.take(next);
                at++;
            }
        }
        return terminal.shown();
    }

    private List<Line> shown() {
        List<Line> shown = new ArrayList<>();
        for (List<Cell> line : lines) {
            int end = line.size();
            while (end > 0 && line.get(end - 1).equals(Cell.BLANK)) {
                end--;
            }
            shown.add(new Line(List.copyOf(line.subList(0, end))));
        }
        while (!shown.isEmpty() && shown.getLast().cells().isEmpty()) {
            shown.removeLast();
        }
        return shown;
    }

    private void take(char character) {
        switch (character) {
            case '\r' -> column = 0;
            case '\n' -> moveTo(row + 1, column);
            case '\b' -> column = Math.max(0, Math.min(column, COLUMNS - 1) - 1);
            default -> {
                if (character < ' ') {
                    throw new AssertionError("the terminal of the test does not know character " + (int) character);
                }
                if (column == COLUMNS) {
                    moveTo(row + 1, 0);
                }
                put(character);
            }
        }
    }

    private void put(char character) {
        List<Cell> line = lines.get(row);
        while (line.size() <= column) {
            line.add(Cell.BLANK);
        }
        line.set(column, new Cell(character, style));
        column++;
    }

    private void moveTo(int toRow, int toColumn) {
        while (lines.size() <= toRow) {
            lines.add(new ArrayList<>());
        }
        row = toRow;
        column = Math.clamp(toColumn, 0, COLUMNS - 1);
    }

    /** See ECMA-48; private ones are of xterm. */
    private void obey(boolean isStandard, String parameters, char last) {
        if (!isStandard) {
            if (parameters.equals("1049") && last == 'h') {
                lines = new ArrayList<>(List.of(new ArrayList<>()));
                moveTo(0, 0);
            }
            return; // the others concern keys, and how the cursor looks
        }
        String[] numbers = parameters.split(";", -1);
        int first = number(numbers, 0, 1);
        int top = Math.max(0, lines.size() - ROWS);
        switch (last) {
            case 'A' -> moveTo(Math.max(top, row - first), column);
            case 'B' -> moveTo(row + first, column);
            case 'C' -> moveTo(row, column + first);
            case 'D' -> moveTo(row, column - first);
            case 'G' -> moveTo(row, first - 1);
            case 'd' -> moveTo(top + first - 1, column);
            case 'H' -> moveTo(top + first - 1, number(numbers, 1, 1) - 1);
            case 'J' -> erase(number(numbers, 0, 0), top);
            case 'K' -> eraseInLine(number(numbers, 0, 0));
            case 'X' -> blank(column, column + first);
            case 'm' -> {
                for (int i = 0; i < numbers.length; i++) {
                    style = style.with(number(numbers, i, 0));
                }
            }
            case 't', 'l', 'h' -> {
                // the window's own matters
            }
            default -> throw new AssertionError("the terminal of the test knows no CSI " + parameters + last);
        }
    }

    private static int number(String[] numbers, int index, int otherwise) {
        return index >= numbers.length || numbers[index].isEmpty() ? otherwise : Integer.parseInt(numbers[index]);
    }

    private void erase(int what, int top) {
        eraseInLine(what);
        for (int i = top; i < lines.size(); i++) {
            if (what == 2 || (what == 0 && i > row) || (what == 1 && i < row)) {
                lines.get(i).clear();
            }
        }
    }

    private void eraseInLine(int what) {
        blank(what == 0 ? column : 0, what == 1 ? column + 1 : COLUMNS);
    }

    private void blank(int from, int to) {
        List<Cell> line = lines.get(row);
        for (int i = from; i < Math.min(to, line.size()); i++) {
            line.set(i, Cell.BLANK);
        }
    }
}
