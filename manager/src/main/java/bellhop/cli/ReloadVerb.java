package bellhop.cli;

import bellhop.catalog.Catalog.ReloadReport;
import bellhop.cli.Verbs.Common;
import bellhop.cli.Verbs.Verb;
import bellhop.control.Client;
import bellhop.control.Json;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads all service directories, and says what has changed since the last time. */
@Command(description = "Read all service directories now, and show what has changed.")
final class ReloadVerb extends Common implements Verb {

    @Option(names = "--json", description = "As JSON.")
    boolean json;

    @Override
    public void act(Session request) {
        boolean asJson = json;
        request.reload(report -> {
            show(report, request.client(), asJson);
            request.exit(report.problems().isEmpty() ? ExitCode.OK : ExitCode.FAILED);
        });
    }

    private static void show(ReloadReport report, Client client, boolean asJson) {
        if (asJson) {
            Map<String, String> fields = new TreeMap<>();
            fields.put("added", array(report.added()));
            fields.put("changed", array(report.changed()));
            fields.put("removed", array(report.removed()));
            fields.put("problems", Json.array(report.problems()));
            client.out(Json.object(fields));
            return;
        }
        report.added().forEach(name -> client.out("added " + name));
        report.changed().forEach(name -> client.out("changed " + name));
        report.removed().forEach(name -> client.out("removed " + name));
        report.problems().forEach(client::err);
    }

    private static String array(List<ServiceName> names) {
        return Json.array(names.stream().map(ServiceName::toString).toList());
    }
}
