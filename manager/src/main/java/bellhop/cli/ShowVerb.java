package bellhop.cli;

import bellhop.catalog.ServiceReader;
import bellhop.cli.Verbs.Common;
import bellhop.control.Json;
import bellhop.definition.Definition;
import bellhop.definition.Quote;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import bellhop.engine.process.ScriptCommand;
import bellhop.linux.FileErrors;
import bellhop.manager.ExitCode;
import bellhop.yaml.Explanation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bh show}: what holds for a service, and where each part of it comes from. */
@Command(description = "Show the settings in force for a service, and their origin.")
final class ShowVerb extends Common implements LocalVerb {

    @Option(names = "--json", description = "As JSON.")
    boolean json;

    @Option(names = "--services", paramLabel = "DIR", description = "A directory of services; repeatable.")
    @Nullable
    List<String> services;

    @Parameters(paramLabel = "NAME", description = "The service.")
    String name = "";

    @Override
    public LocalTask task() {
        String asked = name;
        boolean asJson = json;
        List<String> directories = services == null ? List.of() : List.copyOf(services);
        return here -> here.name(asked)
                .map(service -> show(service, asJson, here.with(directories)))
                .orElse(ExitCode.FAILED);
    }

    private static int show(ServiceName service, boolean asJson, Here here) {
        ServiceReader reader = new ServiceReader(here.directories());
        Optional<Explanation> explanation = reader.explain(service);
        if (explanation.isEmpty()) {
            reader.find(service).whyNot().forEach(here.err());
            return ExitCode.FAILED;
        }
        if (asJson) {
            here.out().accept(json(explanation.get()));
        } else {
            lines(explanation.get()).forEach(here.out());
        }
        return ExitCode.OK;
    }

    private static List<String> lines(Explanation explanation) {
        Definition definition = explanation.definition();
        List<String> lines = new ArrayList<>();
        lines.add("# " + definition.name() + ", " + Quote.onOneLine(definition.directory()));
        overrides(definition).forEach(file -> lines.add("# overridden by " + Quote.onOneLine(file)));
        for (Explanation.ExplainedKey entry : explanation.entries()) {
            if (!entry.value().isEmpty()) {
                lines.add(entry.key() + ": " + entry.value() + "  # " + origin(explanation, entry));
            }
        }
        for (Script script : Script.values()) {
            if (definition.has(script)) {
                lines.add("# " + script.fileName() + " " + howExecuted(definition, script));
            }
        }
        return lines;
    }

    private static String howExecuted(Definition definition, Script script) {
        try {
            return "is executed as: " + shell(ScriptCommand.commandLine(definition, script));
        } catch (IOException e) {
            return "cannot be executed: " + FileErrors.withFile(e);
        }
    }

    private static List<Path> overrides(Definition definition) {
        return definition.overrides().orElse(List.of());
    }

    /** Where a value comes from: the first place goes before the others. */
    private static String origin(Explanation explanation, Explanation.ExplainedKey entry) {
        if (entry.position().isEmpty()) {
            return entry.reset()
                    .map(at -> "default, by " + place(explanation, at))
                    .orElse("default");
        }
        List<String> places = new ArrayList<>();
        places.add(place(explanation, entry.position().get()));
        entry.merged().forEach(at -> places.add(place(explanation, at)));
        return String.join(", ", places);
    }

    private static String place(Explanation explanation, Value.Position at) {
        return file(explanation, at).map(Quote::onOneLine).orElse("") + ":" + at.line() + ":" + at.column();
    }

    private static Optional<Path> file(Explanation explanation, Value.Position at) {
        return at.override().or(explanation::file);
    }

    /** Words as a shell would have to be given them. */
    static String shell(List<String> words) {
        List<String> quoted = new ArrayList<>();
        for (String word : words) {
            quoted.add(
                    word.matches("[\\w@%+=:,./-]+")
                            ? word
                            : "'" + Quote.onOneLine(word).replace("'", "'\\''") + "'");
        }
        return String.join(" ", quoted);
    }

    private static String commandLine(Definition definition, Script script) {
        try {
            return Json.array(ScriptCommand.commandLine(definition, script));
        } catch (IOException e) {
            return "null";
        }
    }

    private static String json(Explanation explanation) {
        Definition definition = explanation.definition();
        List<String> keys = new ArrayList<>();
        for (Explanation.ExplainedKey entry : explanation.entries()) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("key", Json.string(entry.key()));
            fields.put("value", Json.string(entry.value()));
            fields.put(
                    "file",
                    entry.position()
                            .flatMap(at -> file(explanation, at))
                            .map(file -> Json.string(file.toString()))
                            .orElse("null"));
            fields.put(
                    "line",
                    entry.position().map(at -> Integer.toString(at.line())).orElse("null"));
            fields.put(
                    "column",
                    entry.position().map(at -> Integer.toString(at.column())).orElse("null"));
            keys.add(Json.object(fields));
        }
        Map<String, String> commandLines = new LinkedHashMap<>();
        for (Script script : Script.values()) {
            if (definition.has(script)) {
                commandLines.put(script.fileName(), commandLine(definition, script));
            }
        }
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("name", Json.string(definition.name().toString()));
        fields.put("directory", Json.string(definition.directory().toString()));
        fields.put(
                "overrides",
                Json.array(overrides(definition).stream().map(Path::toString).toList()));
        fields.put("keys", "[" + String.join(",", keys) + "]");
        fields.put("commandLines", Json.object(commandLines));
        return Json.object(fields);
    }
}
