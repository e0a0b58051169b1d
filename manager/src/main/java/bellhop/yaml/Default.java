package bellhop.yaml;

import java.util.Optional;

/** What holds without a key. */
sealed interface Default<T> {

    /**
     * A value, in force as if it were written.
     *
     * @param or what may hold instead, as it follows the word "or"; empty: nothing
     */
    record Is<T>(T value, String or) implements Default<T> {
        @Override
        public Optional<T> inForce() {
            return Optional.of(value);
        }
    }

    /** The value of a mapping that sets nothing: its keys have what there is to say. */
    record OfParts<T>(T value) implements Default<T> {
        @Override
        public Optional<T> inForce() {
            return Optional.of(value);
        }
    }

    /**
     * No value.
     *
     * @param phrase what is the case then, for users; empty: nothing
     */
    record Says<T>(String phrase) implements Default<T> {
        @Override
        public Optional<T> inForce() {
            return Optional.empty();
        }
    }

    static <T> Default<T> of(T value) {
        return of(value, "");
    }

    static <T> Default<T> of(T value, String or) {
        return new Is<>(value, or);
    }

    static <T> Default<T> says(String phrase) {
        return new Says<>(phrase);
    }

    static <T> Default<T> nothing() {
        return new Says<>("");
    }

    /** The value that is in force; empty if there is none. */
    Optional<T> inForce();
}
