package bellhop.terminal;

import bellhop.control.Json;
import bellhop.definition.Quote;
import bellhop.terminal.Look.Colour;
import bellhop.terminal.Relations.Need;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which services hold which: as a tree, a graph, JSON or the keys of {@code service.yaml}. */
final class TreeRenderer implements Renderer {

    private final Pen pen;
    private final String form;
    private final boolean onlyTaken;
    private final List<String> roots;
    private final Relations relations = new Relations();
    private final Set<String> drawn = new HashSet<>();

    /**
     * Draws.
     *
     * @param options {@code form}: tree, json, mermaid or yaml; {@code observed=yes} for holds that are taken alone;
     *     {@code root} for each service to begin with, those that nobody needs if there is none
     */
    TreeRenderer(Fact options, Pen pen) {
        this.pen = pen;
        this.form = options.text("form");
        this.onlyTaken = options.is("observed");
        this.roots = options.all("root");
    }

    @Override
    public void take(Fact fact) {
        relations.add(fact);
    }

    @Override
    public int end(int status) {
        switch (form) {
            case "json" -> json();
            case "mermaid" -> mermaid();
            case "yaml" -> yaml();
            default -> roots().forEach(root -> tree(root, "", "", ""));
        }
        return status;
    }

    private Map<String, Need> needs(String name) {
        Map<String, Need> needs = relations.needs(name);
        if (onlyTaken) {
            needs.values().removeIf(need -> need == Need.DECLARED);
        }
        return needs;
    }

    /** Those that were named, or that nobody needs; of a circle the first by name. */
    private List<String> roots() {
        if (!roots.isEmpty()) {
            return roots;
        }
        Set<String> left = new TreeSet<>(relations.names());
        for (String name : relations.names()) {
            needs(name).keySet().stream().filter(need -> !need.equals(name)).forEach(left::remove);
        }
        List<String> begin = new ArrayList<>(left);
        Set<String> reached = new HashSet<>();
        begin.forEach(root -> reach(root, reached));
        for (String name : new TreeSet<>(relations.names())) {
            if (!reached.contains(name)) {
                begin.add(name);
                reach(name, reached);
            }
        }
        return begin;
    }

    private void reach(String root, Set<String> reached) {
        List<String> due = new ArrayList<>(List.of(root));
        while (!due.isEmpty()) {
            String next = due.removeLast();
            if (reached.add(next)) {
                due.addAll(needs(next).keySet());
            }
        }
    }

    // The tree.

    private void tree(String name, String before, String branch, String remark) {
        Map<String, Need> needs = needs(name);
        boolean isAgain = !drawn.add(name) && !needs.isEmpty();
        Look look = pen.look();
        String state = relations.state(name);
        pen.line(before + branch + Quote.onOneLine(name) + "  "
                + look.paint(StatusPage.colour(relations.service(name)), state)
                + look.paint(Colour.FAINT, wanted(name) + remark + (isAgain ? ", see above" : "")));
        if (isAgain) {
            return;
        }
        String below = before
                + (branch.isEmpty()
                        ? ""
                        : branch.startsWith(look.symbol("└", "`")) ? "   " : look.symbol("│  ", "|  "));
        int left = needs.size();
        for (Map.Entry<String, Need> need : needs.entrySet()) {
            left--;
            String next = left == 0 ? look.symbol("└─ ", "`- ") : look.symbol("├─ ", "|- ");
            tree(need.getKey(), below, next, remark(need.getValue()));
        }
    }

    private String wanted(String name) {
        List<String> wanted = new ArrayList<>();
        Fact service = relations.service(name);
        if (service.is("pinned")) {
            wanted.add("pinned");
        }
        relations.otherHolders(name).forEach(holder -> wanted.add(WhyRenderer.shown(holder)));
        return wanted.isEmpty() ? "" : "  " + String.join(", ", wanted);
    }

    private static String remark(Need need) {
        return switch (need) {
            case BOTH -> "";
            case TAKEN -> "  held, not declared by requires";
            case DECLARED -> "  declared, not held";
        };
    }

    // For programs.

    private Set<String> all() {
        Set<String> reached = new TreeSet<>();
        roots().forEach(root -> reach(root, reached));
        return reached;
    }

    private void json() {
        List<String> objects = new ArrayList<>();
        for (String name : all()) {
            objects.add(new JsonText()
                    .text("name", name)
                    .text("state", relations.state(name))
                    .is("pinned", relations.service(name).is("pinned"))
                    .list(
                            "heldBy",
                            relations.otherHolders(name).stream()
                                    .map(TreeRenderer::withoutKind)
                                    .toList())
                    .objects("needs", relations.needsAsJson(needs(name)))
                    .toString());
        }
        pen.line(Json.list(objects));
    }

    private static String withoutKind(String holder) {
        return holder.substring(holder.indexOf(':') + 1);
    }

    private void mermaid() {
        Map<String, String> ids = new HashMap<>();
        pen.line("graph TD");
        for (String name : all()) {
            ids.put(name, "s" + ids.size());
            pen.line("  " + ids.get(name) + "[\"" + Quote.onOneLine(name).replace("\"", "#quot;") + "\"]");
        }
        for (String name : all()) {
            needs(name).forEach((needed, need) -> pen.line("  " + ids.get(name) + arrow(need) + ids.get(needed)));
        }
    }

    private static String arrow(Need need) {
        return switch (need) {
            case BOTH -> " --> ";
            case TAKEN -> " -->|not declared| ";
            case DECLARED -> " -.->|not held| ";
        };
    }

    /** A document for each service, good to be put into its {@code service.yaml}. */
    private void yaml() {
        for (String name : all()) {
            Map<String, Need> needs = needs(name);
            if (!needs.isEmpty()) {
                pen.line("# " + Quote.onOneLine(name) + "/service.yaml");
                pen.line("requires: " + Json.array(new ArrayList<>(needs.keySet())));
            }
        }
    }
}
