package bellhop.cli;

import bellhop.core.Supervisor;
import bellhop.definition.NamePattern;
import bellhop.engine.record.EventLine;
import bellhop.engine.record.RecordedEvents;
import bellhop.linux.FileErrors;
import bellhop.manager.ExitCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code bh events} and {@code bh slow} are answered: the events of the services that are named; all, and the manager's
 * own, if none is.
 */
final class EventAnswer {

    private final Session request;
    private final List<String> renderer;
    private final List<NamePattern> patterns;
    private final boolean follow;
    private final EventStream stream;
    /** Ends what comes to the stream; belongs to the loop's thread. */
    private Runnable end = () -> {};

    EventAnswer(Session request, List<String> renderer, List<String> names, boolean follow) {
        this.request = request;
        this.renderer = renderer;
        this.patterns = names.stream().map(NamePattern::new).toList();
        this.follow = follow;
        this.stream = new EventStream(request.client());
    }

    /** Sends them, from files that are opened between two rounds of the loop. */
    void send() {
        request.look(_ -> {
            try {
                send(request.events().recorded());
            } catch (IOException e) {
                fail(e);
            }
        });
    }

    private void send(RecordedEvents recorded) throws IOException {
        boolean isBegun = false;
        try {
            if (follow) {
                end = request.events().follow(this::take);
            }
            stream.from(end);
            request.client()
                    .onGone(() -> request.look(_ -> {
                        end.run();
                        request.exit(ExitCode.OK);
                    }));
            // It takes a while, in which the others are not to wait.
            Runnable read = () -> request.answering(() -> read(recorded));
            Thread.ofPlatform().daemon().name("bellhop-events").start(read);
            isBegun = true;
        } finally {
            if (!isBegun) {
                end.run();
                recorded.close();
            }
        }
    }

    private void take(EventLine event) {
        if (isWanted(event)) {
            stream.add(event);
        }
    }

    private void read(RecordedEvents recorded) {
        List<byte[]> facts = new ArrayList<>();
        List<NamePattern> without = new ArrayList<>(patterns);
        boolean isRead = false;
        try (recorded) {
            recorded.read(event -> {
                if (isWanted(event)) {
                    facts.add(EventStream.fact(event));
                    without.removeIf(pattern -> pattern.matches(event.service()));
                }
            });
            isRead = true;
        } catch (IOException e) {
            fail(e);
        } finally {
            if (!isRead) {
                request.onLoop(() -> end.run());
            }
        }
        if (isRead) {
            request.look(services -> begin(facts, without, services));
        }
    }

    /** What has no events yet must at least be there; a service that is known no longer may have some. */
    private void begin(List<byte[]> facts, List<NamePattern> without, Supervisor services) {
        boolean all = true;
        for (NamePattern pattern : without) {
            boolean mayCome = follow && NamePattern.isPattern(pattern.text());
            all &= mayCome || !request.there(pattern.text(), services).isEmpty();
        }
        if (all) {
            request.fact("render", renderer);
            stream.begin(facts, follow);
        } else {
            end.run();
            request.exit(ExitCode.FAILED);
        }
    }

    private void fail(IOException e) {
        request.fail("the events cannot be read: " + FileErrors.withFile(e), ExitCode.FAILED);
    }

    private boolean isWanted(EventLine event) {
        return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> pattern.matches(event.service()));
    }
}
