package bellhop.cli;

import bellhop.control.Json;
import bellhop.manager.ClassCache;
import bellhop.manager.ExitCode;
import bellhop.trigger.TriggerReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The verbs that show plugins and what they see. */
final class TriggerVerbs {

    private TriggerVerbs() {}

    @Command(description = "Show the plugins, and why one was left out.")
    static final class ShowPlugins extends Verbs.Common implements Verbs.Verb {
        @Option(names = "--json", description = "As JSON.")
        boolean json;

        @Override
        public void act(Session request) {
            boolean asJson = json;
            request.report(report -> {
                if (asJson) {
                    request.client().out(pluginsAsJson(report));
                } else {
                    pluginLines(report).forEach(request.client()::out);
                }
                ClassCache.ofThisProcess().complaint().ifPresent(request::complain);
                request.exit(ExitCode.OK);
            });
        }
    }

    @Command(description = "Show which devices plugins see, and which services are held for them.")
    static final class ShowTriggers extends Verbs.Common implements Verbs.Verb {
        @Option(names = "--json", description = "As JSON.")
        boolean json;

        @Override
        public void act(Session request) {
            boolean asJson = json;
            request.report(report -> {
                if (asJson) {
                    request.client().out(triggersAsJson(report));
                } else {
                    triggerLines(report).forEach(request.client()::out);
                    report.problems().forEach(request.client()::err);
                }
                request.exit(ExitCode.OK);
            });
        }
    }

    /** One line for each jar. */
    static List<String> pluginLines(TriggerReport report) {
        List<String> lines = new ArrayList<>();
        for (TriggerReport.PluginLine plugin : report.plugins()) {
            String state = !plugin.problem().isEmpty() ? plugin.problem() : "used by " + plugin.used() + " services";
            lines.add((plugin.name().isEmpty() ? "(left out)" : plugin.name()) + "  " + plugin.jar() + "  " + state);
        }
        return lines;
    }

    /** For each use one line, and one for each of its targets. */
    static List<String> triggerLines(TriggerReport report) {
        List<String> lines = new ArrayList<>();
        for (TriggerReport.TriggerLine trigger : report.triggers()) {
            lines.add(trigger.service() + " by " + trigger.plugin()
                    + (trigger.problem().isEmpty() ? "" : ": " + trigger.problem()));
            for (TriggerReport.TargetLine target : trigger.targets()) {
                lines.add("  " + trigger.service() + "@" + target.name() + "  "
                        + (target.present() ? "present" : "gone") + ", " + target.hold()
                        + (target.detail().isEmpty() ? "" : ": " + target.detail()));
            }
            trigger.refused().forEach(line -> lines.add("  left out " + line));
        }
        return lines;
    }

    static String pluginsAsJson(TriggerReport report) {
        return array(report.plugins().stream()
                .map(plugin -> Json.object(fields(
                        "name", Json.string(plugin.name()),
                        "jar", Json.string(plugin.jar()),
                        "problem", Json.string(plugin.problem()),
                        "used", Integer.toString(plugin.used()))))
                .toList());
    }

    static String triggersAsJson(TriggerReport report) {
        return array(report.triggers().stream()
                .map(trigger -> Json.object(fields(
                        "service", Json.string(trigger.service()),
                        "plugin", Json.string(trigger.plugin()),
                        "problem", Json.string(trigger.problem()),
                        "refused", Json.array(trigger.refused()),
                        "targets",
                                array(trigger.targets().stream()
                                        .map(target -> Json.object(fields(
                                                "name", Json.string(target.name()),
                                                "present", Boolean.toString(target.present()),
                                                "hold", Json.string(target.hold()),
                                                "detail", Json.string(target.detail()))))
                                        .toList()))))
                .toList());
    }

    private static String array(List<String> values) {
        return "[" + String.join(",", values) + "]";
    }

    private static Map<String, String> fields(String... namesAndValues) {
        Map<String, String> fields = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}
