package bellhop.cli;

import java.util.ArrayList;
import java.util.List;

/** What {@code bh status} shows of services without a terminal. */
public final class StatusTable {

    private static final List<String> HEAD = List.of("NAME", "STATE", "PID", "FOR", "WANTED BY", "NOTES");

    private StatusTable() {}

    /** Aligned columns under a head. */
    static List<String> lines(List<ServiceStatus> services) {
        List<List<String>> cells = new ArrayList<>(List.of(HEAD));
        for (ServiceStatus service : services) {
            List<String> wantedBy = service.wantedBy();
            cells.add(List.of(
                    service.name(),
                    service.word().text(),
                    service.pid() == 0 ? "-" : Integer.toString(service.pid()),
                    service.seconds() < 0 ? "-" : duration(service.seconds()),
                    wantedBy.isEmpty() ? "-" : String.join(",", wantedBy),
                    String.join("; ", service.notes())));
        }
        return aligned(cells);
    }

    /** Lines of the same number of cells each, in columns. */
    static List<String> aligned(List<List<String>> lines) {
        int[] widths = new int[lines.isEmpty() ? 0 : lines.getFirst().size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        return lines.stream().map(line -> aligned(line, widths)).toList();
    }

    private static String aligned(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(cells.get(i)).append(" ".repeat(widths[i] - cells.get(i).length() + 2));
        }
        return line.toString().stripTrailing();
    }

    /** A time in one or two units, as a person says it. */
    static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        return minutes < 60 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
    }
}
