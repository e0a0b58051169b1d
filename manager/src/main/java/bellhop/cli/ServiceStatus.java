package bellhop.cli;

import bellhop.catalog.Finding;
import bellhop.control.Json;
import bellhop.core.Life;
import bellhop.core.Owner;
import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.State;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.engine.readiness.SelfReport;
import bellhop.manager.ClassCache;
import bellhop.manager.ManagerParts;
import bellhop.yaml.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** What a manager tells of one service: for the table, as JSON, and as a fact for a client that draws it. */
final class ServiceStatus {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final ServiceName name;
    private final Optional<Service> service;
    private final Supervisor services;
    private final ManagerParts parts;
    private final boolean isMasked;
    private final long now;
    private final SelfReport report;

    /**
     * Looks at a service; on the loop's thread, as all that is asked of this.
     *
     * @param service empty if it has a directory and was never asked for
     * @param isMasked whether nobody may start it
     * @param now monotonic nanoseconds
     */
    ServiceStatus(
            ServiceName name,
            Optional<Service> service,
            Supervisor services,
            ManagerParts parts,
            boolean isMasked,
            long now) {
        this.name = name;
        this.service = service;
        this.services = services;
        this.parts = parts;
        this.isMasked = isMasked;
        this.now = now;
        this.report = service.isPresent() ? parts.engine().report(name) : SelfReport.NONE;
    }

    String name() {
        return name.toString();
    }

    Word word() {
        return service.map(Service::word).orElse(Word.STOPPED);
    }

    /** The process of the script that runs; 0 if none does. */
    int pid() {
        return service.flatMap(Service::run).map(Run::pid).orElse(0);
    }

    /** How long that script has been running, in seconds; -1 if none does. */
    long seconds() {
        return service.flatMap(Service::run)
                .map(run -> (now - run.since()) / NANOS_PER_SECOND)
                .orElse(-1L);
    }

    /** How long it has had its word, in seconds; empty if that began before this manager. */
    private OptionalLong stateSeconds() {
        OptionalLong since = parts.engine().since(name);
        return since.isEmpty() ? since : OptionalLong.of((now - since.getAsLong()) / NANOS_PER_SECOND);
    }

    private int restarts() {
        return service.map(it -> it.history().restarts().orElse(0)).orElse(0);
    }

    /** Those who want it to run, fit to be read. */
    List<String> wantedBy() {
        List<String> wantedBy = new ArrayList<>();
        if (service.filter(Service::pinned).isPresent()) {
            wantedBy.add("start");
        }
        List<Owner> holders = services.holders(name);
        holders.stream().map(owner -> shown(owner, holders)).distinct().forEach(wantedBy::add);
        return wantedBy;
    }

    /** Its text; of what somebody named by {@code --owner} and could be taken for another, that it is that. */
    private String shown(Owner owner, List<Owner> holders) {
        if (!(owner instanceof Owner.Label(String text))) {
            return owner.toString();
        }
        boolean isAmbiguous =
                name.target().map(target -> text.endsWith(":" + target)).orElse(false)
                        || holders.stream()
                                .anyMatch(other ->
                                        !other.equals(owner) && other.toString().equals(text));
        return isAmbiguous ? text + " (--owner)" : text;
    }

    /** What else there is to say, each in a few words. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        service.ifPresent(it -> addNotes(notes, it));
        onDisk().ifPresent(notes::add);
        if (isMasked) {
            notes.add("masked");
        }
        notes.addAll(parts.triggers().troubles(name));
        addReport(notes);
        return notes;
    }

    private void addNotes(List<String> notes, Service known) {
        if (!known.detail().isEmpty()) {
            notes.add(known.detail());
        }
        known.life()
                .flatMap(Life::failure)
                .ifPresent(failure -> notes.add("started for the failure of " + failure.service()));
        if (known.heldDown()) {
            notes.add("held down");
        }
        known.lingers(now).ifPresent(left -> notes.add("kept for " + StatusTable.duration(left.toSeconds())));
        if (known.leftAlive() > 0) {
            notes.add(known.leftAlive() + " left alive");
        }
        for (ServiceName required : services.heldBy(name)) {
            Word word = services.service(required).map(Service::word).orElse(Word.STOPPED);
            if (word != Word.STARTED && word != Word.FINISHED) {
                notes.add("requires " + required + ", which is " + word.text());
            }
        }
    }

    private void addReport(List<String> notes) {
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
    }

    /** How what is on disk differs from what is in use, or why it cannot be used. */
    private Optional<String> onDisk() {
        if (parts.catalog().isGone(name)) {
            return Optional.of("its directory is gone");
        }
        if (parts.catalog().known(name).filter(Finding.Broken.class::isInstance).isPresent()) {
            return Optional.of("definition on disk has a problem: bh check " + name);
        }
        return service.filter(Service::isNewerOnDisk).map(_ -> "definition changed on disk, used at its next start");
    }

    /** The definition in use, else the newest that can be used. */
    private Optional<Definition> definition() {
        return service.flatMap(Service::life)
                .map(Life::definition)
                .or(() -> parts.catalog().known(name).flatMap(Finding::usable))
                .or(() -> service.map(Service::latest));
    }

    /** One JSON object, on one line. */
    String json() {
        Map<String, String> fields = new TreeMap<>();
        fields.put("name", Json.string(name()));
        fields.put("state", Json.string(word().text()));
        fields.put("pid", pid() == 0 ? "null" : Integer.toString(pid()));
        fields.put("seconds", seconds() < 0 ? "null" : Long.toString(seconds()));
        OptionalLong stateSeconds = stateSeconds();
        fields.put("stateSeconds", stateSeconds.isEmpty() ? "null" : Long.toString(stateSeconds.getAsLong()));
        fields.put("restarts", Integer.toString(restarts()));
        fields.put("wantedBy", Json.array(wantedBy()));
        fields.put("status", report.status().isEmpty() ? "null" : Json.string(report.status()));
        fields.put("health", health().isEmpty() ? "null" : Json.string(health()));
        fields.put("notes", Json.array(notes()));
        fields.put("managerCache", Json.string(ClassCache.ofThisProcess().word()));
        return Json.object(fields);
    }

    private String health() {
        return report.health().map(SelfReport.Health::word).orElse("");
    }

    /** The fact {@code service}, of which a table is drawn. */
    List<String> fact() {
        List<String> entries = new ArrayList<>();
        entries.add("service");
        entries.add("name=" + name);
        entries.add("state=" + word().text());
        service.ifPresent(it -> addState(entries, it));
        services.waitsFor(name).forEach(awaited -> entries.add("waits=" + awaited));
        wantedBy().forEach(wanted -> entries.add("wanted=" + wanted));
        notes().forEach(note -> entries.add("note=" + note));
        if (!health().isEmpty()) {
            entries.add("health=" + health());
        }
        return entries;
    }

    private void addState(List<String> entries, Service known) {
        if (pid() != 0) {
            entries.add("pid=" + pid());
        }
        known.run().ifPresent(run -> {
            entries.add("seconds=" + seconds());
            entries.add("script=" + run.script().fileName());
        });
        stateSeconds().ifPresent(seconds -> entries.add("stateSeconds=" + seconds));
        entries.add("restarts=" + restarts());
        known.life().ifPresent(life -> entries.add("incarnation=" + life.incarnation()));
        if (known.state() instanceof State.Restarting restarting) {
            entries.add("next=" + Math.max(0, (restarting.deadline() - now) / NANOS_PER_MILLI));
        }
        if (!known.detail().isEmpty()) {
            entries.add("detail=" + known.detail());
        }
    }

    /** What is told of it besides, to whoever asks why it is as it is. */
    List<String> relations() {
        List<String> entries = new ArrayList<>();
        definition().ifPresent(it -> addDefinition(entries, it));
        service.ifPresent(it -> addCircumstances(entries, it));
        services.holders(name).forEach(owner -> entries.add("holder=" + kind(owner) + ":" + owner));
        services.heldBy(name).forEach(held -> entries.add("holds=" + held));
        services.unusable(name).ifPresent(why -> entries.add("unusable=" + why));
        return entries;
    }

    /** What its definition requires. */
    List<ServiceName> requires() {
        return definition().map(Definition::requires).orElse(List.of());
    }

    private static void addDefinition(List<String> entries, Definition definition) {
        if (!definition.description().isEmpty()) {
            entries.add("description=" + definition.description());
        }
        definition.requires().forEach(required -> entries.add("requires=" + required));
        if (definition.autostart()) {
            entries.add("autostart=yes");
        }
    }

    private void addCircumstances(List<String> entries, Service known) {
        if (known.pinned()) {
            entries.add("pinned=yes");
        }
        if (known.heldDown()) {
            entries.add("down=yes");
        }
    }

    private static String kind(Owner owner) {
        return switch (owner) {
            case Owner.Incarnation _ -> "service";
            case Owner.Device _ -> "device";
            case Owner.Label _ -> "label";
        };
    }
}
