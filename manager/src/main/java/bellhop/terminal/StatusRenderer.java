package bellhop.terminal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Services in columns, once. */
final class StatusRenderer implements Renderer {

    /** Of how many that are not well the last words are shown: who has more of them asks for one. */
    private static final int MOST_WITH_LAST_WORDS = 5;

    private static final int LAST_WORDS = 2;
    private static final int LAST_WORDS_OF_ONE = 10;

    private final Asker asker;
    private final Pen pen;
    private final List<Fact> services = new ArrayList<>();

    StatusRenderer(Asker asker, Pen pen) {
        this.asker = asker;
        this.pen = pen;
    }

    @Override
    public void take(Fact fact) {
        services.add(fact);
    }

    @Override
    public int end(int status) throws IOException {
        if (services.isEmpty()) {
            return status;
        }
        StatusPage page = new StatusPage(pen.look(), services, Usage.of(StatusPage.leaders(services)), Map.of(), 0);
        pen.line(page.head());
        int told = 0;
        for (Fact service : page.services()) {
            pen.line(page.line(service));
            boolean isTold = services.size() == 1 || (!StatusPage.isWell(service) && told < MOST_WITH_LAST_WORDS);
            told += isTold ? 1 : 0;
            page.below(service, isTold ? lastWords(service) : List.of()).forEach(pen::line);
        }
        if (!page.summary().isEmpty()) {
            pen.line(page.summary());
        }
        return status;
    }

    /** The end of its log, without times; nothing if it has none. */
    private List<String> lastWords(Fact service) throws IOException {
        int lines = services.size() == 1 ? LAST_WORDS_OF_ONE : LAST_WORDS;
        return asker
                .ask(List.of(
                        "logs",
                        "-n",
                        Integer.toString(lines),
                        service.raw("name").orElse("")))
                .out()
                .stream()
                .map(LogLine::withoutTime)
                .toList();
    }
}
