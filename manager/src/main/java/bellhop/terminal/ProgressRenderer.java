package bellhop.terminal;

import bellhop.definition.Quote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Says on a terminal, while services are being started, what they wait for; nothing if that takes no second. */
final class ProgressRenderer implements Renderer {

    private static final long FIRST_MILLIS = 1000;
    private static final long NEXT_MILLIS = 500;
    private static final int MOST_SERVICES = 3;
    private static final Set<String> ON_THE_WAY = Set.of("starting", "restarting", "stopping");
    private static final String BACK_AND_ERASE = "\r\u001b[K";

    private final Asker asker;
    private final Pen pen;
    private final List<String> names;
    private final Thread watcher;
    private boolean shown;

    /**
     * Begins to watch.
     *
     * @param options {@code service}: each that is being started
     */
    ProgressRenderer(Fact options, Asker asker, Pen pen) {
        this.asker = asker;
        this.pen = pen;
        this.names = options.all("service");
        this.watcher = Thread.ofPlatform().daemon().unstarted(this::watch);
        watcher.start();
    }

    @Override
    public void take(Fact fact) {
        if (fact.kind().equals("answered")) {
            makeWay();
        }
    }

    @Override
    public int end(int status) {
        makeWay();
        return status;
    }

    private void makeWay() {
        watcher.interrupt();
        try {
            watcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (shown && pen.look().moves()) {
            pen.text(BACK_AND_ERASE);
            pen.flush();
        }
        shown = false;
    }

    private void watch() {
        try {
            Thread.sleep(FIRST_MILLIS);
            show();
            while (pen.look().moves()) {
                Thread.sleep(NEXT_MILLIS);
                show();
            }
        } catch (InterruptedException e) {
            // the answer is there
        } catch (IOException e) {
            // then whoever waits for the answer is told
        }
    }

    private void show() throws IOException {
        List<Fact> services = new ArrayList<>();
        List<String> words = new ArrayList<>(names);
        words.addFirst("status");
        var _ = asker.ask(words, (Fact fact) -> {
            if (fact.kind().equals("service")) {
                services.add(fact);
            }
        });
        List<String> waiting = new ArrayList<>();
        for (Fact service : services) {
            if (ON_THE_WAY.contains(service.text("state"))) {
                waiting.add(phrase(service));
            }
        }
        if (waiting.isEmpty()) {
            return;
        }
        int more = waiting.size() - MOST_SERVICES;
        String text = String.join("; ", waiting.subList(0, Math.min(waiting.size(), MOST_SERVICES)))
                + (more > 0 ? "; and " + more + " more" : "");
        String line = Text.cut(text, pen.look().columns().getAsInt() - 1, pen.look());
        pen.text(pen.look().moves() ? BACK_AND_ERASE + line : line + "\n");
        pen.flush();
        shown = true;
    }

    private static String phrase(Fact service) {
        StringBuilder phrase = new StringBuilder(service.text("name") + " is " + service.text("state"));
        if (!service.text("script").isEmpty()) {
            phrase.append(", ").append(service.text("script")).append(" for ");
            phrase.append(Text.timeInWords(service.number("seconds").orElse(0)));
        }
        List<String> waits = service.all("waits").stream()
                .filter(name -> !name.equals(service.raw("name").orElse("")))
                .map(Quote::onOneLine)
                .toList();
        return waits.isEmpty() ? phrase.toString() : phrase + ", waits for " + String.join(", ", waits);
    }
}
