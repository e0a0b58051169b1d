package bellhop.convert;

import bellhop.linux.Signals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The ends of a main process that a unit names: as exit codes, as names of exit codes, and as signals. */
final class UnitExits {
    private static final String NUMBER = "[0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5]";

    /** Of {@code <sysexits.h>}, and those that init scripts have by the LSB. */
    private static final Map<String, Integer> NAMES = Map.ofEntries(
            Map.entry("SUCCESS", 0),
            Map.entry("FAILURE", 1),
            Map.entry("INVALIDARGUMENT", 2),
            Map.entry("NOTIMPLEMENTED", 3),
            Map.entry("NOPERMISSION", 4),
            Map.entry("NOTINSTALLED", 5),
            Map.entry("NOTCONFIGURED", 6),
            Map.entry("NOTRUNNING", 7),
            Map.entry("USAGE", 64),
            Map.entry("DATAERR", 65),
            Map.entry("NOINPUT", 66),
            Map.entry("NOUSER", 67),
            Map.entry("NOHOST", 68),
            Map.entry("UNAVAILABLE", 69),
            Map.entry("SOFTWARE", 70),
            Map.entry("OSERR", 71),
            Map.entry("OSFILE", 72),
            Map.entry("CANTCREAT", 73),
            Map.entry("IOERR", 74),
            Map.entry("TEMPFAIL", 75),
            Map.entry("PROTOCOL", 76),
            Map.entry("NOPERM", 77),
            Map.entry("CONFIG", 78));

    private final UnitSettings settings;
    private final ImportedService service;
    private final ImportReport report;

    UnitExits(UnitSettings settings, ImportedService service, ImportReport report) {
        this.settings = settings;
        this.service = service;
        this.report = report;
    }

    /**
     * Carries over what the end of {@code run} means.
     *
     * @param restart the value of {@code restart}
     */
    void read(String restart) {
        carry("SuccessExitStatus", "success_exit_status");
        if (restart.equals("no")) {
            settings.list("Service.RestartPreventExitStatus")
                    .forEach(key -> report.carried(key, "there is no restart anyway"));
        } else {
            carry("RestartPreventExitStatus", "restart_prevent");
        }
    }

    private void carry(String unitKey, String key) {
        List<Object> ends = new ArrayList<>();
        for (SourceKey given : settings.list("Service." + unitKey)) {
            List<String> unknown = new ArrayList<>();
            for (String word : UnitWords.split(given.value())) {
                end(word).ifPresentOrElse(ends::add, () -> unknown.add(word));
            }
            if (unknown.isEmpty()) {
                report.carried(given, key);
            } else {
                report.lost(given, "neither an exit code nor a signal: " + String.join(", ", unknown));
            }
        }
        if (!ends.isEmpty()) {
            service.set(key, ends.stream().distinct().toList());
        }
    }

    private static Optional<Object> end(String word) {
        if (word.matches(NUMBER)) {
            return Optional.of(Integer.parseInt(word));
        }
        String name = word.startsWith("SIG") ? word.substring(3) : word;
        return Signals.names().contains(name) ? Optional.of("SIG" + name) : Optional.ofNullable(NAMES.get(word));
    }
}
