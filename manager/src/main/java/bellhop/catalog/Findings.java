package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.yaml.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What the directories of services said, and those of what they require, directly or indirectly. Each was read once.
 *
 * @param asked by name, in the order in which they were asked for
 * @param required what those require that can be used, without those that were asked for
 * @param circles where services require each other in a circle, one problem for each circle
 */
public record Findings(
        SequencedMap<ServiceName, Finding> asked, Map<ServiceName, Finding> required, List<Problem> circles) {

    /** The definitions of those that were asked for and can be used. */
    public List<Definition> services() {
        return definitions(asked);
    }

    /** The definitions of those that are required and can be used. */
    public List<Definition> requiredServices() {
        return definitions(required);
    }

    private static List<Definition> definitions(Map<ServiceName, Finding> findings) {
        return findings.values().stream()
                .map(Finding::usable)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Those that are required and cannot be used, and why in one phrase. */
    public Map<ServiceName, String> unusable() {
        Map<ServiceName, String> unusable = new LinkedHashMap<>();
        required.forEach((name, finding) -> {
            if (finding instanceof Finding.Unusable why) {
                unusable.put(name, why.summary());
            }
        });
        return unusable;
    }

    /** Why not all that were asked for can be started, a line each. */
    public List<String> whyNot() {
        List<String> whyNot = new ArrayList<>();
        asked.values().forEach(finding -> whyNot.addAll(finding.whyNot()));
        circles.forEach(circle -> whyNot.add(circle.toString()));
        return whyNot;
    }
}
