package bellhop.cli;

import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.ServiceReader;
import bellhop.cli.Verbs.Common;
import bellhop.control.ControlException;
import bellhop.control.Json;
import bellhop.control.RunDir;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import bellhop.manager.TriggeredServices;
import bellhop.trigger.TriggerUse;
import bellhop.yaml.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bh check}: all that is wrong with services, found without starting them. */
@Command(description = "Find mistakes in services, without starting them.")
final class CheckVerb extends Common implements LocalVerb {

    @Option(names = "--json", description = "As JSON, for editors and CI.")
    boolean json;

    @Option(names = "--services", paramLabel = "DIR", description = "A directory of services; repeatable.")
    @Nullable
    List<String> services;

    @Option(names = "--plugins", paramLabel = "DIR", description = "A further directory of plugins; repeatable.")
    @Nullable
    List<String> plugins;

    @Parameters(
            paramLabel = "DIR|NAME",
            arity = "0..*",
            description =
                    "Service directories, directories of them (with a / in the name, or . or ..), or services; all if"
                            + " not given.")
    List<String> words = List.of();

    @Override
    public LocalTask task() {
        List<String> asked = List.copyOf(words);
        boolean asJson = json;
        List<String> named = services == null ? List.of() : List.copyOf(services);
        List<Path> furtherPlugins =
                plugins == null ? List.of() : plugins.stream().map(Path::of).toList();
        return here -> {
            ServiceDirectories directories = here.with(named).directories();
            Set<Problem> problems = new LinkedHashSet<>();
            Set<TriggerUse> uses = new LinkedHashSet<>();
            if (asked.isEmpty()) {
                all(directories, problems, uses);
            }
            List<ServiceName> names = new ArrayList<>();
            for (String word : asked) {
                if (VerbName.isPath(word)) {
                    directory(word, directories, problems, uses);
                } else {
                    name(word, names, problems);
                }
            }
            check(directories, names, problems, uses);
            if (!uses.isEmpty()) {
                problems.addAll(here.plugins().check(List.copyOf(uses), furtherPlugins));
            }
            if (asJson) {
                here.out().accept(json(problems));
            } else {
                problems.forEach(problem -> here.out().accept(problem.toString()));
            }
            return problems.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
        };
    }

    /** Looks at services, and takes down what they want of plugins. */
    private static void check(
            ServiceDirectories directories, List<ServiceName> names, Set<Problem> problems, Set<TriggerUse> uses) {
        ServiceReader reader = new ServiceReader(directories);
        problems.addAll(reader.check(names));
        names.forEach(name -> reader.readable(name).map(TriggeredServices::uses).ifPresent(uses::addAll));
    }

    private static void all(ServiceDirectories directories, Set<Problem> problems, Set<TriggerUse> uses) {
        ServiceDirectories.Listing listing = directories.list();
        listing.problems().forEach(line -> problems.add(problem(Optional.empty(), line)));
        check(directories, listing.names(), problems, uses);
    }

    private static void directory(
            String word, ServiceDirectories directories, Set<Problem> problems, Set<TriggerUse> uses) {
        Path directory;
        try {
            directory = RunDir.path("directory", word);
        } catch (ControlException e) {
            problems.add(problem(Optional.empty(), String.valueOf(e.getMessage())));
            return;
        }
        Path parent = directory.getParent();
        if (!Files.isDirectory(directory)) {
            problems.add(problem(Optional.of(directory), "no such directory"));
        } else if (parent != null && ServiceDirectories.isService(directory)) {
            List<ServiceName> names = new ArrayList<>();
            name(String.valueOf(directory.getFileName()), names, problems);
            check(directories.after(parent), names, problems, uses);
        } else {
            ServiceDirectories.Listing listing =
                    ServiceDirectories.named(List.of(directory)).list();
            listing.problems().forEach(line -> problems.add(problem(Optional.empty(), line)));
            check(directories.after(directory), listing.names(), problems, uses);
        }
    }

    private static void name(String word, List<ServiceName> names, Set<Problem> problems) {
        try {
            names.add(ServiceName.parse(word));
        } catch (InvalidNameException e) {
            problems.add(problem(Optional.empty(), String.valueOf(e.getMessage())));
        }
    }

    private static Problem problem(Optional<Path> file, String message) {
        return new Problem(file, 0, 0, "", message);
    }

    private static String json(Set<Problem> problems) {
        List<String> objects = new ArrayList<>();
        for (Problem problem : problems) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put(
                    "file",
                    problem.file().map(file -> Json.string(file.toString())).orElse("null"));
            fields.put("line", problem.line() == 0 ? "null" : Integer.toString(problem.line()));
            fields.put("column", problem.column() == 0 ? "null" : Integer.toString(problem.column()));
            fields.put("key", problem.key().isEmpty() ? "null" : Json.string(problem.key()));
            fields.put("message", Json.string(problem.message()));
            objects.add(Json.object(fields));
        }
        return "[" + String.join(",", objects) + "]";
    }
}
