package bellhop.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.spi.Target;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of faulty plugins. */
class PresentTargetsTest {

    private static Target target(String name) {
        return new Target(name, "", Map.of());
    }

    /** A set of any kind. */
    private static Set<Target> iterating(Iterator<Target> targets) {
        return new AbstractSet<>() {
            @Override
            public Iterator<Target> iterator() {
                return targets;
            }

            @Override
            public int size() {
                return 1;
            }
        };
    }

    @Test
    void whatIsRightCounts() throws Exception {
        Target target = new Target("wlan0", "3 17", Map.of("DRIVER", "ath9k"));
        PresentTargets answer = PresentTargets.of(Set.of(target, target("eth0:1")));
        assertThat(answer.targets()).containsOnlyKeys("eth0:1", "wlan0").containsEntry("wlan0", target);
        assertThat(answer.refused()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a b", "-a", "a\nb", "a\0"})
    void aTargetWithAForbiddenNameIsLeftOutAndTheOthersCount(String name) throws Exception {
        PresentTargets answer = PresentTargets.of(Set.of(target(name), target("wlan0")));
        assertThat(answer.targets()).containsOnlyKeys("wlan0");
        assertThat(answer.refused()).singleElement().asString().doesNotContain("\n", "\0");
    }

    @Test
    void factsThatNoEnvironmentTakesAreRefusedWithTheirTarget() throws Exception {
        List<Map<String, String>> wrong = List.of(
                Map.of("driver", "x"),
                Map.of("A=B", "x"),
                Map.of("A", "x\0"),
                Map.of("A", "x\ny"),
                Map.of("A", "x".repeat(4095)));
        for (Map<String, String> facts : wrong) {
            PresentTargets answer = PresentTargets.of(Set.of(new Target("wlan0", "", facts)));
            assertThat(answer.targets()).isEmpty();
            assertThat(answer.refused()).hasSize(1);
        }
        assertThat(PresentTargets.of(Set.of(new Target("wlan0", "", Map.of("A", "x".repeat(4094)))))
                        .refused())
                .isEmpty();
    }

    @Test
    void noSetANullInItAndTwoOfOneNameAreFaults() {
        assertThatThrownBy(() -> PresentTargets.of(null)).hasMessage("present() returned null; expected a set");
        assertThatThrownBy(() -> PresentTargets.of(new HashSet<>(Collections.singleton(null))))
                .hasMessage("present() returned a set with null in it");
        assertThatThrownBy(
                        () -> PresentTargets.of(Set.of(new Target("a", "1", Map.of()), new Target("a", "2", Map.of()))))
                .hasMessage("present() returned two targets \"a\"");
    }

    @Test
    void tooManyTargetsAreAFaultAlsoWhereThereIsNoEndOfThem() {
        Iterator<Target> endless =
                Stream.iterate(0, i -> i + 1).map(i -> target("t" + i)).iterator();
        assertThatThrownBy(() -> PresentTargets.of(iterating(endless)))
                .hasMessage("present() returned too many targets; expected at most 1000");
    }

    @Test
    void aSetThatChangesWhileItIsReadFailsAsACall() {
        assertThatThrownBy(() -> PresentTargets.of(iterating(Stream.of(target("a"))
                        .map(target -> {
                            if (target.name().equals("a")) {
                                throw new ConcurrentModificationException();
                            }
                            return target;
                        })
                        .iterator())))
                .isInstanceOf(ConcurrentModificationException.class);
    }
}
