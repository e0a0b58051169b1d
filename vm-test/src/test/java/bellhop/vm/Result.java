package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How a script in the guest ended.
 *
 * @param status its exit status
 * @param began seconds since the guest's boot, when it began
 * @param ended seconds since the guest's boot, when it had ended
 * @param out what it wrote, standard output and error together
 */
record Result(String script, int status, double began, double ended, String out) {

    /** Fails unless it exited 0. */
    Result succeeds() {
        return exits(0);
    }

    /** Fails unless it exited like this. */
    Result exits(int expected) {
        assertThat(status).as("exit status of: %s%n%s", script, out).isEqualTo(expected);
        return this;
    }
}
