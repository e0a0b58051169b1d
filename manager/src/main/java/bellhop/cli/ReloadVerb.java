package bellhop.cli;

import bellhop.catalog.Catalog.ReloadReport;
import bellhop.cli.Verbs.Common;
import bellhop.cli.Verbs.Verb;
import bellhop.control.Client;
import bellhop.control.Json;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads all service directories, and says what has changed since the last time; or has services reload. */
@Command(
        description =
                "Read all service directories now, and show what has changed. With NAME: send services their reload_signal instead.")
final class ReloadVerb extends Common implements Verb {

    @Option(names = "--json", description = "As JSON; only without NAME.")
    boolean json;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "The services; the manager itself if not given.")
    List<String> names = List.of();

    @Override
    boolean take(List<String> operands) {
        names = operands;
        return true;
    }

    @Override
    public void act(Session request) {
        boolean asJson = json;
        if (names.isEmpty()) {
            request.reload(report -> {
                show(report, request.client(), asJson);
                request.exit(report.problems().isEmpty() ? ExitCode.OK : ExitCode.FAILED);
            });
        } else if (asJson) {
            request.fail("--json: expected no NAME beside it", ExitCode.USAGE);
        } else {
            request.known(List.copyOf(new LinkedHashSet<>(names)))
                    .ifPresent(services -> request.look(all -> ServiceReload.begin(request, services, all)));
        }
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
