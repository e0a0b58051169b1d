package bellhop.terminal;

import java.io.IOException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has one request answered, and drawn. The manager understands the words, and its first fact says which renderer is to
 * draw the others; if there is none, as for help or an error, there is nothing to draw.
 */
public final class Drawing {

    private static final String RENDER = "render";
    private static final int USAGE = 64;

    private final Asker asker;
    private final Pen pen;
    private @Nullable Renderer renderer;

    public Drawing(Asker asker, Pen pen) {
        this.asker = asker;
        this.pen = pen;
    }

    /**
     * Asks and draws.
     *
     * @return the exit status
     * @throws IOException if no manager answers
     */
    public int of(List<String> words) throws IOException {
        int status;
        try {
            status = asker.ask(words, this::take);
        } catch (RefusedOptionException e) {
            pen.complain("bh: " + e.getMessage());
            return USAGE;
        }
        int drawn = renderer == null ? status : renderer.end(status);
        pen.flush();
        return drawn;
    }

    private void take(Fact fact) {
        if (renderer != null) {
            renderer.take(fact);
        } else if (fact.kind().equals(RENDER)) {
            renderer = renderer(fact);
        }
    }

    /** The renderer of that name; one that this program does not know yet is not drawn. */
    private @Nullable Renderer renderer(Fact options) {
        return switch (options.text("name")) {
            case "status" -> new StatusRenderer(asker, pen);
            case "live-status" -> new LiveStatus(options, asker, pen);
            case "logs" -> new LogsRenderer(options, asker, pen);
            case "progress" -> new ProgressRenderer(options, asker, pen);
            case "why" -> new WhyRenderer(options, asker, pen);
            case "tree" -> new TreeRenderer(options, pen);
            case "events" -> new EventsRenderer(options, pen, ZonedDateTime.now(ZoneId.systemDefault()));
            case "slow" -> new SlowRenderer(options, pen, ZonedDateTime.now(ZoneId.systemDefault()));
            default -> null;
        };
    }
}
