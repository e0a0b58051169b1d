package bellhop.definition;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** A part of a YAML file that somebody else understands, with where it stands. */
public sealed interface Value {

    /** Where it begins. */
    Position position();

    /**
     * A place in a file. All places are equal: moving a value makes no other value.
     *
     * @param line from 1
     * @param column from 1
     * @param override the {@code override.yaml} that it is in; empty: the file of the service itself
     */
    record Position(int line, int column, Optional<Path> override) {
        /** A place in the file of the service itself. */
        public Position(int line, int column) {
            this(line, column, Optional.empty());
        }

        @Override
        public boolean equals(@org.jspecify.annotations.Nullable Object other) {
            return other instanceof Position;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /**
     * A word, number or truth value.
     *
     * @param text as it was written, without quotes; empty for no value
     * @param kind what YAML takes it for
     */
    record Scalar(String text, Kind kind, Position position) implements Value {}

    /** A list. */
    record Sequence(List<Value> items, Position position) implements Value {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    /** A map. */
    record Mapping(SequencedMap<String, Entry> entries, Position position) implements Value {
        public Mapping {
            entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
        }
    }

    /** One entry of a map. */
    record Entry(Position key, Value value) {}

    /** What YAML's core schema takes a scalar for. */
    enum Kind {
        STRING,
        INTEGER,
        DECIMAL,
        BOOLEAN,
        NULL
    }
}
