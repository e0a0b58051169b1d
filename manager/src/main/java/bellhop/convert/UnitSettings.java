package bellhop.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The assignments of a unit by their keys, of which later ones replace or extend earlier ones. */
final class UnitSettings {
    private final Map<String, List<SourceKey>> all = new LinkedHashMap<>();
    private final ImportReport report;

    UnitSettings(List<UnitFile.Assignment> assignments, ImportReport report) {
        this.report = report;
        for (UnitFile.Assignment assignment : assignments) {
            if (assignment.section().isEmpty()) {
                report.lost(assignment.key(), "not an assignment in a section; systemd ignores it, too");
            } else {
                all.computeIfAbsent(
                                assignment.section() + "." + assignment.key().key(), it -> new ArrayList<>())
                        .add(assignment.key());
            }
        }
    }

    /** All assignments of a key, also those that only reset it. */
    List<SourceKey> every(String key) {
        return all.getOrDefault(key, List.of());
    }

    /** The one in force of a key that has one value; empty if there is none, or it restores the default. */
    Optional<SourceKey> last(String... names) {
        List<SourceKey> found = new ArrayList<>();
        for (String name : names) {
            found.addAll(every(name));
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        SourceKey last = found.removeLast();
        replaced(found, last);
        if (last.value().isEmpty()) {
            report.carried(last, "the default is in force");
            return Optional.empty();
        }
        return Optional.of(last);
    }

    /** Those in force of a key whose assignments add up until an empty one begins again. */
    List<SourceKey> list(String name) {
        List<SourceKey> found = new ArrayList<>();
        for (SourceKey key : every(name)) {
            if (key.value().isEmpty()) {
                replaced(found, key);
                report.carried(key, "an empty list");
                found.clear();
            } else {
                found.add(key);
            }
        }
        return found;
    }

    private void replaced(List<SourceKey> earlier, SourceKey by) {
        earlier.forEach(key -> report.carried(key, "replaced by " + by.file() + ":" + by.line()));
    }

    /** A truth value; empty if there is none, or it is none, which is reported. */
    Optional<Boolean> truth(String name) {
        return last(name).flatMap(key -> {
            Optional<Boolean> value = UnitValues.truth(key.value());
            if (value.isEmpty()) {
                report.lost(key, "not a truth value; systemd ignores it, too");
            }
            return value;
        });
    }

    /** Assignments that nobody has said anything of, by the names of their sections and keys. */
    Map<String, List<SourceKey>> untold() {
        Map<String, List<SourceKey>> untold = new LinkedHashMap<>();
        all.forEach((name, keys) -> {
            List<SourceKey> silent =
                    keys.stream().filter(key -> !report.isTold(key)).toList();
            if (!silent.isEmpty()) {
                untold.put(name, silent);
            }
        });
        return untold;
    }
}
