package bellhop;

import static org.assertj.core.api.Assertions.assertThat;

/** What a program or a request came to: the exit status, and what was printed. */
public record Outcome(int status, String out, String err) {

    /** A failure that is reported in one line. */
    public static Outcome failed(String line) {
        return new Outcome(1, "", line + "\n");
    }

    /** Fails unless it exited like this and printed nothing. */
    public Outcome isSilent(int expected) {
        assertThat(this).isEqualTo(new Outcome(expected, "", ""));
        return this;
    }

    /** Fails unless this is all that it printed; the exit status. */
    public int isSilentButFor(String printed) {
        assertThat(this).isEqualTo(new Outcome(status, printed, ""));
        return status;
    }

    /** Fails unless it succeeded without a complaint. */
    public Outcome succeeds() {
        assertThat(this).isEqualTo(new Outcome(0, out, ""));
        return this;
    }

    /** Fails unless it exited like this, whatever it printed. */
    public Outcome exits(int expected) {
        assertThat(status).as("exit status: %s", this).isEqualTo(expected);
        return this;
    }

    /** All that was printed. */
    public String said() {
        return out + err;
    }

    @Override
    public String toString() {
        return "exit status " + status + "\nstdout: " + out + "\nstderr: " + err;
    }
}
