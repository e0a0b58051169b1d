package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** How a program in a container ended, and what it wrote. */
record Result(List<String> words, int status, String out, String err) {

    /** Fails unless it exited 0. */
    Result succeeds() {
        return exits(0);
    }

    /** Fails unless it exited like this. */
    Result exits(int expected) {
        assertThat(status).as("exit status of %s: %s%s", words, out, err).isEqualTo(expected);
        return this;
    }
}
