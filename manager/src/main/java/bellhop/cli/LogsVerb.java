package bellhop.cli;

import bellhop.definition.NamePattern;
import bellhop.manager.ExitCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bh logs}: the lines of one log as they are, or facts of which the client makes what it shows. */
@Command(
        description = "Print the output of services, merged by time; without a name, what the manager itself has said.")
final class LogsVerb extends Verbs.Common implements Verbs.Verb {

    private static final int NOT_GIVEN = -1;
    private static final int USUAL = 10;
    private static final int LARGEST_PIECE = 64 * 1024;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            description = "The services, or patterns of their names such as 'getty@*'.")
    List<String> names = List.of();

    @Option(
            names = "-n",
            paramLabel = "LINES",
            converter = Verbs.Count.class,
            description = "How many lines, of those that match; 10 if neither this nor another condition is given.")
    int lines = NOT_GIVEN;

    @Option(names = "-f", description = "Keep printing new lines as they are written.")
    boolean follow;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only lines since then: 10m, 2h or 3d ago, today, HH:MM[:SS], or YYYY-MM-DD[ HH:MM[:SS]].")
    @Nullable
    String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only lines until then.")
    @Nullable
    String until;

    @Option(
            names = "--grep",
            paramLabel = "PATTERN",
            description = "Only lines in which something matches this regular expression.")
    @Nullable
    String grep;

    @Option(names = "--json", description = "Print each line as a JSON object: time, service, line.")
    boolean json;

    // What the client asks then:

    @Option(names = "--ends", hidden = true)
    boolean ends;

    @Option(names = "--from", paramLabel = "POSITION", hidden = true)
    @Nullable
    String from;

    @Option(names = "--to", paramLabel = "POSITION", hidden = true)
    String to = "";

    @Option(names = "--size", paramLabel = "BYTES", converter = Verbs.Count.class, hidden = true)
    int size = LARGEST_PIECE;

    @Override
    boolean take(List<String> operands) {
        names = operands;
        return true;
    }

    @Override
    public void act(Session request) {
        LogAnswer answer = new LogAnswer(request);
        List<String> asked = List.copyOf(names);
        if (isPlain()) {
            answer.print(asked, lines == NOT_GIVEN ? USUAL : lines, follow);
        } else if (!request.wantsFacts()) {
            request.fail("several services and conditions are answered to the program bh only", ExitCode.USAGE);
        } else if (ends) {
            answer.ends(asked, follow);
        } else if (from != null) {
            answer.piece(asked, from, to, Math.clamp(size, 1, LARGEST_PIECE));
        } else {
            request.fact("render", renderer());
            request.exit(ExitCode.OK);
        }
    }

    private boolean isPlain() {
        return names.size() <= 1
                && names.stream().noneMatch(NamePattern::isPattern)
                && since == null
                && until == null
                && grep == null
                && !json
                && !ends
                && from == null;
    }

    private List<String> renderer() {
        List<String> entries = new ArrayList<>(List.of("name=logs"));
        names.forEach(name -> entries.add("only=" + name));
        if (lines != NOT_GIVEN) {
            entries.add("lines=" + lines);
        }
        if (since != null) {
            entries.add("since=" + since);
        }
        if (until != null) {
            entries.add("until=" + until);
        }
        if (grep != null) {
            entries.add("grep=" + grep);
        }
        entries.add(follow ? "follow=yes" : "follow=no");
        entries.add(json ? "json=yes" : "json=no");
        return entries;
    }
}
