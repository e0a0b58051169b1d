package bellhop.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a unit has to do with others: what it requires, on what conditions it is started, and by whom. */
final class UnitRelations {

    /** The keys that test(1) can answer, each with its operator. */
    private static final Map<String, String> TESTS = Map.of(
            "PathExists", "-e",
            "PathIsDirectory", "-d",
            "PathIsSymbolicLink", "-L",
            "PathIsReadWrite", "-w",
            "FileNotEmpty", "-s",
            "FileIsExecutable", "-x");

    private final UnitName unit;
    private final UnitSettings settings;
    private final Specifiers specifiers;
    private final Importer.ImportSite here;
    private final ImportedService service;
    private final ImportReport report;
    private final List<String> conditions = new ArrayList<>();

    UnitRelations(
            UnitName unit,
            UnitSettings settings,
            Specifiers specifiers,
            Importer.ImportSite here,
            ImportedService service,
            ImportReport report) {
        this.unit = unit;
        this.settings = settings;
        this.specifiers = specifiers;
        this.here = here;
        this.service = service;
        this.report = report;
    }

    void read(boolean lasts) {
        List<String> required = new ArrayList<>();
        for (String key : List.of("Requires", "Requisite", "BindsTo")) {
            settings.list("Unit." + key).forEach(it -> required(it, required));
        }
        List<Object> all = new ArrayList<>(required.stream().distinct().toList());
        for (SourceKey key : settings.list("Unit.Wants")) {
            for (String name : names(key)) {
                wanted(key, name).filter(it -> !required.contains(it)).ifPresent(it -> {
                    required.add(it);
                    all.add(Map.of(it, "optional"));
                });
            }
        }
        if (!all.isEmpty()) {
            service.set("requires", all);
        }
        startedForFailure();
        settings.list("Unit.After").forEach(key -> names(key).forEach(name -> after(key, name, required)));
        settings.list("Unit.Before")
                .forEach(key -> names(key)
                        .forEach(name -> report.lost(
                                key,
                                isService(name) && here.isKnown(serviceOf(name))
                                        ? "add " + service.name() + " to requires of " + serviceOf(name)
                                                + " if that must wait"
                                        : absent(name))));
        for (Map.Entry<String, String> test : TESTS.entrySet()) {
            for (String kind : List.of("Condition", "Assert")) {
                settings.list("Unit." + kind + test.getKey())
                        .forEach(key -> condition(key, test.getValue(), kind.equals("Condition")));
            }
        }
        install(lasts);
    }

    private void required(SourceKey key, List<String> required) {
        for (String name : names(key)) {
            if (!isService(name)) {
                report.lost(key, absent(name));
            } else if (!here.isKnown(serviceOf(name))) {
                report.lost(
                        key,
                        "there is no service " + serviceOf(name)
                                + " here; import it as well, and add it to requires if this one cannot do without");
            } else {
                required.add(serviceOf(name));
                report.otherwise(
                        key,
                        "requires: " + serviceOf(name)
                                + " is up before this one is started; if it stops or fails, this one goes on");
            }
        }
    }

    /** Of a template with the unit's own name as instance the template is named: it gets the failed service as target. */
    private void startedForFailure() {
        List<String> services = new ArrayList<>();
        for (SourceKey key : settings.list("Unit.OnFailure")) {
            for (String word : UnitWords.split(key.value())) {
                String name = word.replaceFirst("(@%[nNp])?\\.service$", "");
                if (!isService(word) || name.contains("%") || !here.isKnown(name)) {
                    report.lost(key, absent(word));
                } else {
                    services.add(name);
                    report.otherwise(key, "on_failure: " + name + " is started, and pinned until bh stop " + name);
                }
            }
        }
        if (!services.isEmpty()) {
            service.set("on_failure", services.stream().distinct().toList());
        }
    }

    private Optional<String> wanted(SourceKey key, String name) {
        if (!isService(name) || !here.isKnown(serviceOf(name))) {
            report.lost(key, absent(name));
            return Optional.empty();
        }
        report.otherwise(
                key,
                "requires: {" + serviceOf(name)
                        + ": optional} is waited for, whatever After says, and held; its failure" + " stops nobody");
        return Optional.of(serviceOf(name));
    }

    private void after(SourceKey key, String name, List<String> required) {
        if (!isService(name) || !here.isKnown(serviceOf(name))) {
            report.lost(key, absent(name));
        } else if (required.contains(serviceOf(name))) {
            report.carried(key, "requires");
        } else {
            report.lost(
                    key,
                    "there is no order without a requirement; add " + serviceOf(name)
                            + " to requires if this one must wait");
        }
    }

    private List<String> names(SourceKey key) {
        List<String> names = new ArrayList<>();
        for (String word : UnitWords.split(key.value())) {
            specifiers.text(word, what -> report.otherwise(key, what)).ifPresent(names::add);
        }
        List<String> targets =
                names.stream().filter(name -> name.endsWith(".target")).toList();
        if (!targets.isEmpty()) {
            report.lost(
                    key,
                    "there are no targets; what they stand for is expected to be up: " + String.join(", ", targets));
        }
        names.removeAll(targets);
        return names;
    }

    private static boolean isService(String name) {
        return name.endsWith(".service");
    }

    private static String serviceOf(String name) {
        return UnitName.of(name).service();
    }

    private static String absent(String name) {
        if (isService(name)) {
            return "there is no service " + serviceOf(name) + " here";
        }
        if (name.endsWith(".socket")) {
            return "there is no socket activation; the service opens its sockets itself";
        }
        return "there are no units but services";
    }

    private void condition(SourceKey key, String operator, boolean skips) {
        String path = key.value();
        boolean negated = path.startsWith("!");
        path = negated ? path.substring(1).strip() : path;
        if (path.startsWith("|")) {
            report.lost(key, "alternatives are not joined; write the test into pre");
            return;
        }
        Optional<String> text = specifiers.text(path, what -> report.lost(key, what));
        text.ifPresent(it -> {
            if (it.contains("{target}")) {
                report.lost(key, "write the test into pre, where $1 is the target");
                return;
            }
            String test = "test " + (negated ? "! " : "") + operator + " " + Shell.quote(it);
            String words = (negated ? "found, so this is not started: " : "missing, so this is not started: ") + it;
            conditions.add(test + " || { echo " + Shell.quote(words) + " >&2; exit 1; }");
            if (skips) {
                report.otherwise(
                        key, "pre: the start fails, and is tried again as restart says; systemd would skip it");
            } else {
                report.carried(key, "pre");
            }
        });
    }

    /** Lines that end pre if a condition is not met. */
    List<String> conditions() {
        return conditions;
    }

    private void install(boolean lasts) {
        for (String name : List.of("WantedBy", "RequiredBy", "UpheldBy")) {
            for (SourceKey key : settings.list("Install." + name)) {
                String enabled = unit.isTemplate() ? service.name() + "@TARGET" : service.name();
                String command = "bh enable " + enabled;
                report.otherwise(key, "nothing is enabled yet; " + command + " starts it with the manager");
                report.advise("to start " + (lasts ? "it" : enabled) + " together with the manager: " + command);
            }
        }
        settings.list("Install.Alias").forEach(key -> report.lost(key, "a service has one name"));
        settings.list("Install.Also")
                .forEach(key -> report.lost(key, "import these as well, and enable them: " + key.value()));
        settings.last("Install.DefaultInstance")
                .ifPresent(key -> report.lost(
                        key,
                        "an instance is named when it is enabled: bh enable " + service.name() + "@" + key.value()));
        settings.truth("Unit.StopWhenUnneeded")
                .ifPresent(is -> settings.last("Unit.StopWhenUnneeded")
                        .ifPresent(key -> report.carried(key, "what is neither pinned nor held is stopped")));
        settings.truth("Service.IgnoreSIGPIPE")
                .ifPresent(is -> settings.last("Service.IgnoreSIGPIPE").ifPresent(key -> {
                    if (is) {
                        report.otherwise(key, "PIPE ends a process as it does by default");
                    } else {
                        report.carried(key, "the default here");
                    }
                }));
    }
}
