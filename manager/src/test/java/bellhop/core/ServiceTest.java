package bellhop.core;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.Definition;
import bellhop.definition.Script;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Verifies that no part of a service changes without being noticed: what is not noticed is not recorded. */
class ServiceTest {

    private static final Service SERVICE = Service.of(Draft.of("a").definition());

    @Test
    void whatIsTheSameIsStillThat() {
        assertThat(SERVICE.isStill(SERVICE)).isTrue();
        assertThat(SERVICE.pinned(true).pinned(false).isStill(SERVICE)).isTrue();
        assertThat(SERVICE.read(Draft.of("a").definition()).isStill(SERVICE)).isTrue();
    }

    @Test
    void eachPartCounts() throws ReflectiveOperationException {
        RecordComponent[] parts = Service.class.getRecordComponents();
        Constructor<?> make = Service.class.getDeclaredConstructor(
                Stream.of(parts).map(RecordComponent::getType).toArray(Class<?>[]::new));
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].getName().equals("name")) {
                continue; // by which it is looked up
            }
            Object[] values = new Object[parts.length];
            for (int j = 0; j < parts.length; j++) {
                Object value = Objects.requireNonNull(parts[j].getAccessor().invoke(SERVICE));
                values[j] = j == i ? another(value) : value;
            }
            assertThat(((Service) make.newInstance(values)).isStill(SERVICE))
                    .as(parts[i].getName())
                    .isFalse();
        }
    }

    private static Object another(Object value) {
        return switch (value) {
            case Boolean it -> !it;
            case Integer it -> it + 1;
            case Long it -> it - 1;
            case History it -> new History(it.deaths() + 1, List.of());
            case State _ -> new State.Down(Ending.failed("otherwise"), false);
            case Definition _ -> Draft.of("a").with(Script.PRE).definition();
            case Optional<?> _ ->
                Optional.of(new Failure(Draft.name("b"), "it died", new RunEnd(RunResult.FAILED, Optional.empty())));
            default -> throw new AssertionError("a new part: " + value);
        };
    }
}
