package bellhop.definition;

import java.util.List;

/**
 * What certain ends of {@code run} mean; the YAML keys {@code success_exit_status} and {@code restart_prevent}. An end
 * is named by the exit code in decimal digits, {@code 78}, or by the name of the signal without SIG, {@code TERM}.
 *
 * @param success the ends that are a success beside an exit status of 0
 * @param prevent the ends after which {@code run} is not started again, whatever {@link Restart} says
 */
public record ExitRules(List<String> success, List<String> prevent) {
    public ExitRules {
        success = List.copyOf(success);
        prevent = List.copyOf(prevent);
    }
}
