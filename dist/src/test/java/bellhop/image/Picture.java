package bellhop.image;

import bellhop.image.DrawnTerminal.Cell;
import bellhop.image.DrawnTerminal.Line;
import bellhop.image.DrawnTerminal.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines of a terminal as a picture in SVG, whose text can be selected, found and read aloud. */
final class Picture {

    private static final double CELL_WIDTH = 8.4;
    private static final int LINE_HEIGHT = 18;
    private static final int MARGIN = 16;
    /** From the top of a line to the foot of its letters. */
    private static final int ASCENT = 13;

    private Picture() {}

    /**
     * The text of a file.
     *
     * @param title what it shows, for those who do not see it
     */
    static String of(String title, List<Line> lines) {
        long width = Math.round(2 * MARGIN + DrawnTerminal.COLUMNS * CELL_WIDTH);
        int height = 2 * MARGIN + lines.size() * LINE_HEIGHT;
        StringBuilder svg = new StringBuilder();
        svg.append("""
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %1$d %2$d">
                <title>%s</title>
                <style>
                text{font:14px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d0d7de;white-space:pre}
                .b{font-weight:bold}.f{fill:#8b949e}.i{fill:#0d1117}
                .c1{fill:#ff7b72}.c2{fill:#3fb950}.c3{fill:#d29922}.c4{fill:#58a6ff}.c5{fill:#bc8cff}.c6{fill:#39c5cf}
                </style>
                <rect x=".5" y=".5" width="%d" height="%d" rx="8" fill="#0d1117" stroke="#57606a"/>
                """.formatted(width, height, escaped(title), width - 1, height - 1));
        for (int i = 0; i < lines.size(); i++) {
            draw(lines.get(i).cells(), MARGIN + i * LINE_HEIGHT, svg);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void draw(List<Cell> cells, int y, StringBuilder svg) {
        if (cells.isEmpty()) {
            return;
        }
        drawInverse(cells, y, svg);
        StringBuilder text = new StringBuilder();
        for (Run run : runs(cells)) {
            Style style = run.cells().getFirst().style();
            String x = number(MARGIN + run.column() * CELL_WIDTH);
            String classes = classes(style);
            text.append("<tspan x=\"").append(x).append('"');
            text.append(classes.isEmpty() ? "" : " class=\"" + classes + "\"");
            text.append('>').append(escaped(new Line(run.cells()).text())).append("</tspan>");
        }
        svg.append("<text y=\"%d\" xml:space=\"preserve\">%s</text>\n".formatted(y + ASCENT, text));
    }

    /** What is behind characters that are inverse. */
    private static void drawInverse(List<Cell> cells, int y, StringBuilder svg) {
        int begin = -1;
        for (int i = 0; i <= cells.size(); i++) {
            boolean isInverse = i < cells.size() && cells.get(i).style().isInverse();
            if (isInverse && begin < 0) {
                begin = i;
            } else if (!isInverse && begin >= 0) {
                svg.append("<rect x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\" fill=\"#d0d7de\"/>\n"
                        .formatted(
                                number(MARGIN + begin * CELL_WIDTH), y, number((i - begin) * CELL_WIDTH), LINE_HEIGHT));
                begin = -1;
            }
        }
    }

    /** Characters that are drawn as one: of one style, and of one column, so that any font keeps to the columns. */
    private record Run(int column, List<Cell> cells) {}

    private static List<Run> runs(List<Cell> cells) {
        List<Run> runs = new ArrayList<>();
        int begin = 0;
        for (int i = 1; i <= cells.size(); i++) {
            if (i == cells.size()
                    || !cells.get(i).style().equals(cells.get(begin).style())
                    || isAfterGap(cells, i)) {
                runs.add(new Run(begin, cells.subList(begin, i)));
                begin = i;
            }
        }
        return runs;
    }

    private static boolean isAfterGap(List<Cell> cells, int index) {
        return index > 1
                && cells.get(index).character() != ' '
                && cells.get(index - 1).character() == ' '
                && cells.get(index - 2).character() == ' ';
    }

    private static String classes(Style style) {
        List<String> classes = new ArrayList<>();
        if (style.isInverse()) {
            classes.add("i");
        } else if (style.colour() != 0) {
            classes.add("c" + (style.colour() - 30));
        } else if (style.isFaint()) {
            classes.add("f");
        }
        if (style.isBold()) {
            classes.add("b");
        }
        return String.join(" ", classes);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value).replace(".0", "");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
