package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Verifies that a circle of waiting is refused and named whole when its last link is to be made, whatever its links
 * are and however long it is, and that the same chain is accepted when it ends somewhere else.
 */
class CirclesTest {

    private static final int LONGEST = 20;
    private static final int MIXTURES = 12;
    private static final String ELSEWHERE = "elsewhere";

    /** By what one service comes to wait for the next. */
    enum Link {
        /** A request of {@code pre}. */
        PRE,
        /** A request of {@code run}, made before it is ready. */
        RUN,
        /** A request of {@code post}, while a new start of the service is asked for already. */
        POST,
        /** A line of {@code requires}. */
        YAML
    }

    private final Workbench bench = new Workbench();
    /** Every request that made a link, the operator's first. */
    private final List<Ticket> tickets = new ArrayList<>();

    static Stream<List<Link>> chains() {
        Chance chance = new Chance(20);
        return IntStream.rangeClosed(1, LONGEST)
                .boxed()
                .flatMap(length -> Stream.concat(
                        Stream.of(Link.values()).map(link -> Collections.nCopies(length, link)),
                        IntStream.range(0, MIXTURES).mapToObj(i -> mixture(chance, length))));
    }

    private static List<Link> mixture(Chance chance, int length) {
        return Stream.generate(() -> chance.either(Link.values())).limit(length).toList();
    }

    @ParameterizedTest
    @MethodSource("chains")
    void aCircleIsRefusedAtOnceAndNamedWhole(List<Link> links) {
        lay(links, name(0));

        String circle = String.join(
                " -> ",
                Stream.concat(
                                Stream.of(links.size() - 1),
                                IntStream.range(0, links.size()).boxed())
                        .map(CirclesTest::name)
                        .toList());
        assertThat(tickets)
                .anySatisfy(ticket -> assertThat(ticket.answer())
                        .hasValueSatisfying(answer -> assertThat(answer.failures())
                                .singleElement()
                                .asString()
                                .endsWith("refused: circular wait: " + circle)));
    }

    @ParameterizedTest
    @MethodSource("chains")
    void whatWasRefusedLeavesNobodyWaitingOnceTheScriptsHaveEnded(List<Link> links) {
        lay(links, name(0));

        bench.pass(Duration.ofHours(1)); // one script after the other runs into its limit

        assertThat(tickets).allSatisfy(ticket -> assertThat(ticket.answer()).isPresent());
        assertThat(bench.supervisor().services())
                .allSatisfy(service ->
                        assertThat(bench.supervisor().waitsFor(service.name())).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("chains")
    void theSameChainThatEndsElsewhereIsAccepted(List<Link> links) {
        bench.service(ELSEWHERE, PRE);
        lay(links, ELSEWHERE);
        assertThat(tickets).allSatisfy(ticket -> assertThat(ticket).isWaiting());

        bench.succeeds(ELSEWHERE, PRE);
        for (int i = links.size() - 1; i >= 0; i--) {
            goOn(name(i), links.get(i));
        }

        assertThat(tickets).allSatisfy(ticket -> assertThat(ticket).succeeded());
        IntStream.range(0, links.size()).forEach(i -> assertThat(bench, name(i)).isStarted());
    }

    /** Lets each of the services wait for the next, and the last for {@code end}, as far as that is granted. */
    private void lay(List<Link> links, String end) {
        for (int i = 0; i < links.size(); i++) {
            bench.service(draft(name(i), links.get(i), i + 1 < links.size() ? name(i + 1) : end));
        }
        Stream.concat(Stream.of(end), IntStream.range(0, links.size()).mapToObj(CirclesTest::name))
                .distinct()
                .forEach(bench::read);
        for (int i = 0; i < links.size(); i++) {
            if (links.get(i) == Link.POST) {
                bench.start(name(i));
                bench.stop(name(i)); // from here on it is at its post
            }
        }
        tickets.add(bench.start(name(0)));
        for (int i = 0; i < links.size(); i++) {
            if (links.get(i) != Link.YAML) {
                tickets.add(bench.scriptOf(name(i)).start(i + 1 < links.size() ? name(i + 1) : end));
            }
        }
    }

    private static Draft draft(String name, Link link, String next) {
        Draft draft = Draft.of(name).restart(NO);
        return switch (link) {
            case PRE -> draft.with(PRE);
            case RUN -> draft.saysReady(Duration.ofMinutes(1));
            case POST -> draft.with(POST);
            case YAML -> draft.requires(next);
        };
    }

    /** The script whose request was granted does the rest of its work. */
    private void goOn(String name, Link link) {
        switch (link) {
            case PRE -> bench.succeeds(name, PRE);
            case RUN -> bench.ready(name);
            case POST -> bench.succeeds(name, POST);
            case YAML -> {} // it goes on by itself
        }
    }

    private static String name(int i) {
        return "s" + i;
    }
}
