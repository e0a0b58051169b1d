package bellhop.cli;

import bellhop.catalog.Finding;
import bellhop.control.Json;
import bellhop.core.Owner;
import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.ServiceName;
import bellhop.engine.readiness.SelfReport;
import bellhop.manager.ManagerParts;
import bellhop.yaml.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What {@code bh status} shows of services, as a table for people or as JSON. */
public final class StatusTable {

    private static final List<String> HEAD = List.of("NAME", "STATE", "PID", "FOR", "WANTED BY", "");
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** What is shown of one service. */
    private record Row(
            String name,
            String state,
            int pid,
            long seconds,
            List<String> wantedBy,
            String status,
            String health,
            List<String> notes) {}

    private final List<Row> rows = new ArrayList<>();
    private final Supervisor services;
    private final ManagerParts parts;
    private final long now;

    /**
     * An empty one.
     *
     * @param now monotonic nanoseconds
     */
    StatusTable(Supervisor services, ManagerParts parts, long now) {
        this.services = services;
        this.parts = parts;
        this.now = now;
    }

    StatusTable add(Service service) {
        ServiceName name = service.name();
        List<String> wantedBy = new ArrayList<>();
        if (service.pinned()) {
            wantedBy.add("start");
        }
        List<Owner> holders = services.holders(name);
        holders.stream().map(owner -> shown(owner, holders, name)).distinct().forEach(wantedBy::add);
        int pid = service.run().map(Run::pid).orElse(0);
        long seconds =
                service.run().map(run -> (now - run.since()) / NANOS_PER_SECOND).orElse(-1L);
        SelfReport report = parts.engine().report(name);
        List<String> notes = notes(service);
        notes.addAll(notes(report));
        rows.add(new Row(
                name.toString(),
                service.word().text(),
                pid,
                seconds,
                wantedBy,
                report.status(),
                report.health().map(SelfReport.Health::word).orElse(""),
                notes));
        return this;
    }

    /** Its text; of what somebody named by {@code --owner} and could be taken for another, that it is that. */
    private static String shown(Owner owner, List<Owner> holders, ServiceName service) {
        if (!(owner instanceof Owner.Label(String text))) {
            return owner.toString();
        }
        boolean isAmbiguous =
                service.target().map(target -> text.endsWith(":" + target)).orElse(false)
                        || holders.stream()
                                .anyMatch(other ->
                                        !other.equals(owner) && other.toString().equals(text));
        return isAmbiguous ? text + " (--owner)" : text;
    }

    /** A service that has a directory and was never asked for. */
    StatusTable addIdle(ServiceName name) {
        rows.add(new Row(
                name.toString(),
                Word.STOPPED.text(),
                0,
                -1,
                List.of(),
                "",
                "",
                Stream.concat(onDisk(name).stream(), parts.triggers().troubles(name).stream())
                        .toList()));
        return this;
    }

    private List<String> notes(Service service) {
        List<String> notes = new ArrayList<>();
        if (!service.detail().isEmpty()) {
            notes.add(service.detail());
        }
        if (service.heldDown()) {
            notes.add("held down");
        }
        service.lingers(now).ifPresent(left -> notes.add("kept for " + duration(left.toSeconds())));
        if (service.leftAlive() > 0) {
            notes.add(service.leftAlive() + " left alive");
        }
        for (ServiceName required : services.heldBy(service.name())) {
            Word word = services.service(required).map(Service::word).orElse(Word.STOPPED);
            if (word != Word.STARTED && word != Word.FINISHED) {
                notes.add("requires " + required + ", which is " + word.text());
            }
        }
        onDisk(service).ifPresent(notes::add);
        notes.addAll(parts.triggers().troubles(service.name()));
        return notes;
    }

    private static List<String> notes(SelfReport report) {
        List<String> notes = new ArrayList<>();
        if (!report.status().isEmpty()) {
            notes.add('"' + report.status() + '"');
        }
        if (report.reloading()) {
            notes.add("reloading");
        }
        if (!report.error().isEmpty()) {
            notes.add("reports " + report.error());
        }
        if (!report.asking().isEmpty()) {
            notes.add("not ready: " + report.asking());
        }
        report.health().ifPresent(health -> {
            String line = health.line().isEmpty() ? "" : ": " + health.line();
            notes.add((health.word().equals("starting") ? "health " : "") + health.word() + line);
        });
        report.watchdog().ifPresent(time -> notes.add("watchdog " + Durations.seconds(time)));
        return notes;
    }

    /** How what is on disk differs from what is in use. */
    private Optional<String> onDisk(Service service) {
        Optional<String> unusable = onDisk(service.name());
        return unusable.isEmpty() && service.isNewerOnDisk()
                ? Optional.of("definition changed on disk, used at its next start")
                : unusable;
    }

    /** Why what is on disk could not be used. */
    private Optional<String> onDisk(ServiceName name) {
        if (parts.catalog().isGone(name)) {
            return Optional.of("its directory is gone");
        }
        return parts.catalog()
                .known(name)
                .filter(Finding.Broken.class::isInstance)
                .map(_ -> "definition on disk has a problem: bh check " + name);
    }

    /** Aligned columns under a head. */
    List<String> lines() {
        List<List<String>> cells = new ArrayList<>(List.of(HEAD));
        for (Row row : rows) {
            cells.add(List.of(
                    row.name,
                    row.state,
                    row.pid == 0 ? "-" : Integer.toString(row.pid),
                    row.seconds < 0 ? "-" : duration(row.seconds),
                    row.wantedBy.isEmpty() ? "-" : String.join(",", row.wantedBy),
                    String.join("; ", row.notes)));
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

    private static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        return minutes < 60 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
    }

    /** One array with an object for each service. */
    String json() {
        List<String> objects = new ArrayList<>();
        for (Row row : rows) {
            Map<String, String> fields = new TreeMap<>();
            fields.put("name", Json.string(row.name));
            fields.put("state", Json.string(row.state));
            fields.put("pid", row.pid == 0 ? "null" : Integer.toString(row.pid));
            fields.put("seconds", row.seconds < 0 ? "null" : Long.toString(row.seconds));
            fields.put("wantedBy", Json.array(row.wantedBy));
            fields.put("status", row.status.isEmpty() ? "null" : Json.string(row.status));
            fields.put("health", row.health.isEmpty() ? "null" : Json.string(row.health));
            fields.put("notes", Json.array(row.notes));
            objects.add(Json.object(fields));
        }
        return "[" + String.join(",", objects) + "]";
    }
}
