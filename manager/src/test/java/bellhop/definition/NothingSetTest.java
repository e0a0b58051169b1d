package bellhop.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies that settings count as none only if none of them is set: those that say something are never dropped. */
class NothingSetTest {

    private static final Map<Class<?>, Object> SOMETHING = Map.of(
            OptionalInt.class,
            OptionalInt.of(0),
            OptionalLong.class,
            OptionalLong.of(0),
            List.class,
            List.of(new EnvironmentSettings.File(Path.of("/x"), true)),
            Map.class,
            Map.of("A", "b"),
            SequencedMap.class,
            new LinkedHashMap<>(Map.of("nofile", new ProcessSettings.Ulimit(1, 1))),
            boolean.class,
            true);

    static Stream<Record> settings() {
        return Stream.of(ProcessSettings.NONE, EnvironmentSettings.NONE, ResourceLimits.NONE);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void eachPartCounts(Record none) throws ReflectiveOperationException {
        assertThat(isNone(none)).isTrue();
        RecordComponent[] parts = none.getClass().getRecordComponents();
        Constructor<?> make = none.getClass()
                .getDeclaredConstructor(
                        Stream.of(parts).map(RecordComponent::getType).toArray(Class<?>[]::new));
        for (int i = 0; i < parts.length; i++) {
            Object[] values = new Object[parts.length];
            for (int j = 0; j < parts.length; j++) {
                values[j] =
                        j == i ? something(parts[j]) : parts[j].getAccessor().invoke(none);
            }
            assertThat(isNone((Record) make.newInstance(values)))
                    .as(parts[i].getName())
                    .isFalse();
        }
    }

    private static Object something(RecordComponent part) {
        return part.getType() == Optional.class
                ? Optional.of(
                        part.getGenericType().getTypeName().contains("BigDecimal") ? BigDecimal.ONE : Path.of("/x"))
                : Objects.requireNonNull(SOMETHING.get(part.getType()));
    }

    private static boolean isNone(Record settings) {
        return switch (settings) {
            case ProcessSettings process -> process.isNone();
            case EnvironmentSettings environment -> environment.isNone();
            case ResourceLimits resources -> resources.isNone();
            default -> throw new AssertionError(settings);
        };
    }
}
