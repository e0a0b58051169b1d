package bellhop.terminal;

import bellhop.definition.Quote;
import bellhop.terminal.Look.Colour;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Why a service runs, or does not, in sentences. */
final class WhyRenderer implements Renderer {

    private static final int MOST_ENDS = 5;
    private static final int MOST_NAMES = 12;

    private final Asker asker;
    private final Pen pen;
    private final String name;
    private final boolean asJson;
    private final Relations relations = new Relations();
    private boolean stoppingEverything;

    /**
     * Explains.
     *
     * @param options {@code service}, whose state is explained; {@code json=yes}
     */
    WhyRenderer(Fact options, Asker asker, Pen pen) {
        this.asker = asker;
        this.pen = pen;
        this.name = options.raw("service").orElse("");
        this.asJson = options.is("json");
    }

    @Override
    public void take(Fact fact) {
        switch (fact.kind()) {
            case "service" -> relations.add(fact);
            case "manager" -> stoppingEverything = fact.is("stopping");
            default -> {
                // of a later manager
            }
        }
    }

    @Override
    public int end(int status) throws IOException {
        LastEnds past = LastEnds.of(name, asker, MOST_ENDS);
        if (asJson) {
            pen.line(json(past));
        } else {
            explain(past);
        }
        return status;
    }

    // In sentences.

    private void explain(LastEnds past) {
        Fact service = relations.service(name);
        sayState(service);
        past.begun().ifPresent(begun -> sentence(1, begun));
        sayWhyNot(service);
        sayWho(service);
        sayWhatItWaitsFor(service);
        sayEnds(past);
        sayWhatFollows();
    }

    /** Painted once it is wrapped, since what paints has no width. */
    private void sayState(Fact service) {
        String shownName = Quote.onOneLine(name);
        String state = service.text("state");
        List<String> lines = Text.wrapped(
                shownName + " " + state(service) + ".", pen.look().columns().getAsInt());
        String first = lines.getFirst();
        int from = first.indexOf(state, Math.min(shownName.length(), first.length()));
        if (from >= 0) {
            first = pen.look().paint(Colour.BOLD, shownName)
                    + first.substring(shownName.length(), from)
                    + pen.look().paint(StatusPage.colour(service), state)
                    + first.substring(from + state.length());
        }
        pen.line(first);
        lines.subList(1, lines.size()).forEach(line -> pen.line(indent(1) + line));
    }

    private String state(Fact service) {
        String state = service.text("state");
        boolean isOver = state.equals("failed") || state.equals("finished");
        OptionalLong next = service.number("next");
        StringBuilder text = new StringBuilder(isOver ? "has " : "is ");
        text.append(state);
        if (!service.text("pid").isEmpty()) {
            text.append(": ")
                    .append(service.text("script"))
                    .append(" is process ")
                    .append(service.text("pid"))
                    .append(", for ")
                    .append(Text.timeInWords(service.number("seconds").orElse(0)));
        } else if (service.number("stateSeconds").isPresent() && next.isEmpty()) {
            text.append(isOver ? ", " : ", for ")
                    .append(Text.timeInWords(service.number("stateSeconds").getAsLong()))
                    .append(isOver ? " ago" : "");
        }
        if (!service.text("detail").isEmpty()) {
            text.append(": ").append(service.text("detail"));
        }
        if (next.isPresent()) {
            text.append("; the next try comes in ").append(Text.shortTimeInWords(next.getAsLong()));
        }
        return text.toString();
    }

    private void sayWhyNot(Fact service) {
        if (stoppingEverything) {
            sentence(1, "Everything is being stopped.");
        }
        if (service.is("down")) {
            sentence(
                    1,
                    "It was stopped although it is held, and stays down until somebody starts or requires it again.");
        }
        if (!service.text("unusable").isEmpty()) {
            sentence(1, "What its directory says now cannot be used: " + service.text("unusable") + ".");
        }
        for (String note : service.all("note")) {
            if (!note.equals(service.raw("detail").orElse(""))) {
                sentence(1, "Note: " + Quote.onOneLine(note) + ".");
            }
        }
    }

    private void sayWho(Fact service) {
        List<String> reasons = new ArrayList<>();
        reasons(name, 2, new HashSet<>(), reasons);
        if (reasons.isEmpty()) {
            sentence(1, "Nobody wants it to run: it is neither started nor held.");
        } else {
            boolean isUp = relations.isUp(name) || !service.text("pid").isEmpty();
            sentence(1, isUp ? "It runs because" : "It is wanted because");
            reasons.forEach(pen::line);
        }
    }

    /** The chain of holds, up to whoever began it. */
    private void reasons(String of, int depth, Set<String> told, List<String> lines) {
        told.add(of);
        Fact service = relations.service(of);
        if (service.is("pinned")) {
            lines.add(indent(depth) + "it was started" + (service.is("autostart") ? " (autostart: true)" : "")
                    + ", and not stopped since");
        }
        for (String holder : relations.otherHolders(of)) {
            lines.add(indent(depth) + phrase(holder));
        }
        for (String requirer : relations.requirers(of)) {
            lines.add(indent(depth) + Quote.onOneLine(requirer) + " requires it, which is " + relations.state(requirer)
                    + (told.contains(requirer) ? ", see above" : ""));
            if (!told.contains(requirer)) {
                reasons(requirer, depth + 1, told, lines);
            }
        }
    }

    private static String phrase(String holder) {
        return holder.startsWith("device:")
                ? "the device " + shown(holder) + " is present"
                : shown(holder) + " holds it (bh require)";
    }

    /** A holder without its kind. */
    static String shown(String holder) {
        return Quote.onOneLine(holder.substring(holder.indexOf(':') + 1));
    }

    private void sayWhatItWaitsFor(Fact service) {
        List<String> waits = new ArrayList<>();
        for (String awaited : service.all("waits")) {
            if (!awaited.equals(name)) {
                waits.add(Quote.onOneLine(awaited) + " (" + relations.state(awaited) + ")");
            }
        }
        if (!waits.isEmpty()) {
            sentence(1, "It waits for " + String.join(", ", waits) + ".");
        }
        List<String> needs = new ArrayList<>();
        relations
                .needs(name)
                .forEach((needed, _) -> needs.add(Quote.onOneLine(needed) + " (" + relations.state(needed) + ")"));
        if (!needs.isEmpty()) {
            sentence(1, "It requires " + some(needs) + ".");
        }
    }

    private void sayEnds(LastEnds past) {
        if (past.ends().isEmpty()) {
            return;
        }
        sentence(1, "Its last ends:");
        for (LastEnds.LastEnd end : past.ends()) {
            pen.line(indent(2) + end.time() + "  " + Quote.onOneLine(end.what()));
            for (String line : end.log()) {
                pen.line(indent(3)
                        + pen.look().paint(Colour.FAINT, pen.look().symbol("│ ", "| ") + Quote.onOneLine(line)));
            }
        }
    }

    private void sayWhatFollows() {
        List<String> stops = quoted(relations.wouldStop(name));
        if (!relations.state(name).equals("stopped") && !stops.isEmpty()) {
            sentence(1, "If nobody wanted it, these would stop with it: " + some(stops) + ".");
        }
        List<String> starts = quoted(relations.wouldStart(name));
        if (!relations.isUp(name) && !starts.isEmpty()) {
            sentence(1, "To start it would start " + some(starts) + " first.");
        }
    }

    private static List<String> quoted(Set<String> names) {
        return names.stream().map(Quote::onOneLine).toList();
    }

    private static String some(List<String> names) {
        return names.size() <= MOST_NAMES
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, MOST_NAMES)) + " and " + (names.size() - MOST_NAMES) + " more";
    }

    private void sentence(int depth, String text) {
        int columns = pen.look().columns().getAsInt();
        for (String line : Text.wrapped(text, columns == Look.ENDLESS ? columns : columns - 2 * depth)) {
            pen.line(indent(depth) + line);
        }
    }

    private static String indent(int depth) {
        return "  ".repeat(depth);
    }

    // For programs.

    private String json(LastEnds past) {
        Fact service = relations.service(name);
        OptionalLong next = service.number("next");
        return new JsonText()
                .text("name", name)
                .text("state", service.text("state"))
                .text("detail", service.raw("detail").orElse(""))
                .is("pinned", service.is("pinned"))
                .is("heldDown", service.is("down"))
                .objects("holders", holders())
                .list("waitsFor", service.all("waits"))
                .value("nextTryMillis", next.isPresent() ? Long.toString(next.getAsLong()) : "null")
                .objects("requires", relations.needsAsJson(relations.needs(name)))
                .list("notes", service.all("note"))
                .value("lastChange", past.changeAsJson())
                .objects("ends", past.endsAsJson())
                .list("wouldStop", new ArrayList<>(relations.wouldStop(name)))
                .list("wouldStart", new ArrayList<>(relations.wouldStart(name)))
                .toString();
    }

    private List<JsonText> holders() {
        List<JsonText> holders = new ArrayList<>();
        for (String holder : relations.service(name).all("holder")) {
            int sign = holder.indexOf(':');
            holders.add(
                    new JsonText().text("kind", holder.substring(0, sign)).text("name", holder.substring(sign + 1)));
        }
        return holders;
    }
}
