package bellhop.core;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.ServiceName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies counts, and the two questions on graphs of names. */
class HoldsTest {

    private static final ServiceName DB = Draft.name("db");
    private static final ServiceName WEB = Draft.name("web");
    private static final Owner WIFI = new Owner.Label("wifi:wlan0");

    private final Holds holds = new Holds();

    /** Verifies that counts are right, one owner at a time. */
    @Nested
    class Counts {

        private final Owner.Incarnation first = new Owner.Incarnation(WEB, 1);
        private final Owner.Incarnation second = new Owner.Incarnation(WEB, 2);

        @Test
        void nothingIsHeldAtFirst() {
            assertThat(holds.isHeld(DB)).isFalse();
            assertThat(holds.count(DB, WIFI)).isZero();
            assertThat(holds.count(DB)).isZero();
            assertThat(holds.holders(DB)).isEmpty();
            assertThat(holds.heldBy(WIFI)).isEmpty();
        }

        @Test
        void eachAddIsOneHoldMore() {
            holds.add(DB, WIFI);
            holds.add(DB, WIFI);
            holds.add(DB, Owner.OPERATOR);

            assertThat(holds.count(DB, WIFI)).isEqualTo(2);
            assertThat(holds.count(DB)).isEqualTo(3);
            assertThat(holds.holders(DB)).containsExactly(Owner.OPERATOR, WIFI, WIFI);
            assertThat(holds.isHeld(WEB)).isFalse();
        }

        @Test
        void holdersAreListedByTheirText() {
            for (String owner : List.of("w", "c", "x", "a", "y", "b", "z")) {
                holds.add(DB, new Owner.Label(owner));
            }
            holds.add(DB, first);

            assertThat(holds.holders(DB))
                    .extracting(Owner::toString)
                    .containsExactly("a", "b", "c", "w", "web", "x", "y", "z");
        }

        @Test
        void eachDropIsOneHoldLess() {
            holds.add(DB, WIFI);
            holds.add(DB, WIFI);

            assertThat(holds.drop(DB, WIFI)).isTrue();

            assertThat(holds.count(DB, WIFI)).isEqualTo(1);
            assertThat(holds.isHeld(DB)).isTrue();
            assertThat(holds.heldBy(WIFI)).containsExactly(DB);
        }

        @Test
        void theLastDropOfOneServiceLeavesTheOthers() {
            holds.add(DB, WIFI);
            holds.add(WEB, WIFI);

            assertThat(holds.drop(DB, WIFI)).isTrue();

            assertThat(holds.heldBy(WIFI)).containsExactly(WEB);
            assertThat(holds.dropAll(WIFI)).containsExactly(WEB);
        }

        @Test
        void theLastDropLeavesNoTrace() {
            holds.add(DB, WIFI);

            assertThat(holds.drop(DB, WIFI)).isTrue();

            assertThat(holds.isHeld(DB)).isFalse();
            assertThat(holds.count(DB, WIFI)).isZero();
            assertThat(holds.heldBy(WIFI)).isEmpty();
        }

        @Test
        void whatIsNotHeldCannotBeDropped() {
            assertThat(holds.drop(DB, WIFI)).isFalse();
            holds.add(DB, WIFI);

            assertThat(holds.drop(DB, Owner.OPERATOR)).isFalse();
            assertThat(holds.drop(WEB, WIFI)).isFalse();
            assertThat(holds.holders(DB)).containsExactly(WIFI);
        }

        @Test
        void dropAllTakesEveryHoldOfAnOwnerAndNoOther() {
            holds.add(WEB, first);
            holds.add(DB, first);
            holds.add(DB, first);
            holds.add(DB, second);
            holds.add(WEB, WIFI);

            assertThat(holds.dropAll(first)).containsExactly(DB, WEB);

            assertThat(holds.holders(DB)).containsExactly(second);
            assertThat(holds.holders(WEB)).containsExactly(WIFI);
            assertThat(holds.heldBy(first)).isEmpty();
            assertThat(holds.heldBy(second)).containsExactly(DB);
        }

        @Test
        void dropAllTakesThoseOfAllOwnersThatMatch() {
            holds.add(WEB, first);
            holds.add(DB, second);
            holds.add(DB, WIFI);

            assertThat(holds.dropAll(Owner.Incarnation.class::isInstance)).containsExactly(DB, WEB);

            assertThat(holds.isHeld(WEB)).isFalse();
            assertThat(holds.holders(DB)).containsExactly(WIFI);
        }

        @Test
        void allRequirersAreTheServicesAmongTheOwnersAndTheirs() {
            holds.add(DB, WIFI);
            holds.add(DB, first);
            holds.add(DB, second);
            holds.add(WEB, new Owner.Incarnation(number(1), 3));

            assertThat(holds.allRequirers(DB)).containsExactlyInAnyOrder(WEB, number(1));
            assertThat(holds.allRequirers(number(1))).isEmpty();
        }
    }

    /** Verifies that a circle is seen whatever its length, and nothing else is taken for one. */
    @Nested
    class Circles {

        static IntStream lengths() {
            return IntStream.rangeClosed(1, 20);
        }

        @ParameterizedTest
        @MethodSource("lengths")
        void aCircleIsNamedWholeFromTheWaiterRoundToTheWaiter(int length) {
            // 1 waits for 2 waits for 3 ... and the last is to wait for 1.
            Map<ServiceName, Set<ServiceName>> waits = chain(length);

            Optional<List<ServiceName>> circle = Holds.circle(number(length), number(1), graph(waits));

            List<ServiceName> expected = Stream.concat(
                            Stream.of(number(length)),
                            IntStream.rangeClosed(1, length).mapToObj(HoldsTest::number))
                    .toList();
            assertThat(circle).contains(expected);
        }

        @ParameterizedTest
        @MethodSource("lengths")
        void aChainIsNoCircle(int length) {
            assertThat(Holds.circle(number(0), number(1), graph(chain(length)))).isEmpty();
            assertThat(Holds.circle(number(length), number(length + 1), graph(chain(length))))
                    .isEmpty();
        }

        @ParameterizedTest
        @MethodSource("lengths")
        void aShortcutAlongTheChainIsNoCircle(int length) {
            Map<ServiceName, Set<ServiceName>> waits = chain(length + 1);

            for (int to = 2; to <= length + 1; to++) {
                assertThat(Holds.circle(number(1), number(to), graph(waits))).isEmpty();
            }
        }

        @ParameterizedTest
        @MethodSource("lengths")
        void aCircleOfOthersIsNotOurs(int length) {
            Map<ServiceName, Set<ServiceName>> waits = chain(length);
            waits.computeIfAbsent(number(length), name -> new HashSet<>()).add(number(1));

            assertThat(Holds.circle(number(0), number(1), graph(waits))).isEmpty();
        }

        @Test
        void ofTwoCirclesTheShorterIsNamed() {
            Map<ServiceName, Set<ServiceName>> waits = chain(6);
            waits.put(number(2), Set.of(number(3), number(6)));

            assertThat(Holds.circle(number(6), number(1), graph(waits)))
                    .contains(List.of(number(6), number(1), number(2), number(6)));
        }

        @Test
        void forkedPathsAreAllFollowed() {
            Map<ServiceName, Set<ServiceName>> waits = Map.of(
                    number(1), Set.of(number(2), number(3)),
                    number(3), Set.of(number(4)),
                    number(4), Set.of(number(5)));

            assertThat(Holds.circle(number(5), number(1), graph(waits)))
                    .contains(List.of(number(5), number(1), number(3), number(4), number(5)));
            assertThat(Holds.circle(number(2), number(3), graph(waits))).isEmpty();
        }
    }

    /** Verifies who may be stopped first when everything is stopped. */
    @Nested
    class StopOrder {

        @Test
        void whomNobodyRequiresMayGo() {
            assertThat(holds.nobodyGoesBefore(DB)).isTrue();

            holds.add(DB, WIFI);

            assertThat(holds.nobodyGoesBefore(DB)).isTrue();
        }

        @Test
        void whoIsRequiredWaitsForItsRequirers() {
            Holds holds = requires(Map.of(1, List.of(2), 2, List.of(3)));

            assertThat(free(holds, 3)).containsExactly(1);
        }

        @Test
        void allThatNobodyRequiresMayGoTogether() {
            Holds holds = requires(Map.of(1, List.of(3), 2, List.of(3)));

            assertThat(free(holds, 3)).containsExactly(1, 2);
        }

        @Test
        void whoHoldsItselfMayGo() {
            assertThat(free(requires(Map.of(1, List.of(1))), 1)).containsExactly(1);
        }

        @Test
        void aCircleGoesTogetherBeforeWhatItRequires() {
            Holds holds = requires(Map.of(1, List.of(2), 2, List.of(3), 3, List.of(1, 4)));

            assertThat(free(holds, 4)).containsExactly(1, 2, 3);
        }

        @Test
        void aCircleWaitsForWhoRequiresOneOfIt() {
            Holds holds = requires(Map.of(1, List.of(2), 2, List.of(3), 3, List.of(2)));

            assertThat(free(holds, 3)).containsExactly(1);
        }

        @Test
        void somebodyMayAlwaysGo() {
            for (int graph = 0; graph < 1 << 12; graph++) {
                Map<Integer, List<Integer>> edges = new HashMap<>();
                for (int edge = 0; edge < 12; edge++) {
                    int from = edge / 3 + 1;
                    int to = (from + edge % 3) % 4 + 1;
                    if ((graph & 1 << edge) != 0) {
                        edges.merge(
                                from,
                                List.of(to),
                                (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
                    }
                }
                assertThat(free(requires(edges), 4)).as("%s", edges).isNotEmpty();
            }
        }

        private static Holds requires(Map<Integer, List<Integer>> edges) {
            Holds holds = new Holds();
            for (var edge : edges.entrySet()) {
                for (int required : edge.getValue()) {
                    holds.add(number(required), new Owner.Incarnation(number(edge.getKey()), 1));
                }
            }
            return holds;
        }

        private static List<Integer> free(Holds holds, int services) {
            return IntStream.rangeClosed(1, services)
                    .filter(i -> holds.nobodyGoesBefore(number(i)))
                    .boxed()
                    .toList();
        }
    }

    private static ServiceName number(int number) {
        return Draft.name("s" + number);
    }

    /** 1 waits for 2, 2 for 3, and so on to the last, which waits for nobody. */
    private static Map<ServiceName, Set<ServiceName>> chain(int length) {
        return IntStream.range(1, length)
                .boxed()
                .collect(Collectors.toMap(HoldsTest::number, i -> new HashSet<>(Set.of(number(i + 1)))));
    }

    private static Function<ServiceName, Set<ServiceName>> graph(Map<ServiceName, ? extends Set<ServiceName>> edges) {
        Map<ServiceName, Set<ServiceName>> copy = Map.copyOf(edges);
        return name -> copy.getOrDefault(name, Set.of());
    }
}
