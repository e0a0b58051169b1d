package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.cli.LocalCommands;

/** What a program or a request came to: the exit status, and what was printed. */
public record Outcome(int status, String out, String err) {

    /** A failure that is told in one line. */
    public static Outcome failed(String line) {
        return new Outcome(LocalCommands.FAILED, "", line + "\n");
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
        assertThat(this).isEqualTo(new Outcome(LocalCommands.OK, out, ""));
        return this;
    }
}
