package bellhop.manager;

import bellhop.definition.ServiceName;
import java.time.Duration;
import java.util.List;

/** The options of {@code bh run}: read by {@link RunOptions}, and explained to who makes a mistake, or asks for help. */
public enum RunOption {
    SERVICES("--services", List.class, "DIR", "A directory of services; repeatable."),
    RUNDIR("--rundir", String.class, "DIR", "The run dir."),
    LOGDIR("--logdir", String.class, "DIR", "The directory of the logs."),
    ENABLED("--enabled", String.class, "DIR", "The directory of enabled services."),
    PLUGINS("--plugins", List.class, "DIR", "A further directory of plugins; repeatable."),
    SYSFS("--sysfs", String.class, "DIR", "The root of sysfs; /sys if not given."),
    CONSOLE("--console", boolean.class, "", "Services write to standard output, not to files."),
    STOP_TIMEOUT(
            "--stop-timeout", Duration.class, "DURATION", "The time limit for stopping; what is left then is killed."),
    EXIT_WITH("--exit-with", ServiceName.class, "NAME", "Start this service, and end with it and its exit status."),
    TRIAL(Upgrade.TRIAL, boolean.class, "", "");

    private final String text;
    private final Class<?> type;
    private final String label;
    private final String description;

    /** A list is of texts, one for each time that the option is given. */
    RunOption(String text, Class<?> type, String label, String description) {
        this.text = text;
        this.type = type;
        this.label = label;
        this.description = description;
    }

    /** As it is written. */
    public String text() {
        return text;
    }

    /** What it is given: {@code boolean} for nothing, {@link List} for a text that may come again. */
    public Class<?> type() {
        return type;
    }

    /** What stands for its value; empty if it has none. */
    public String label() {
        return label;
    }

    /** A sentence; empty if it is not shown to anybody. */
    public String description() {
        return description;
    }
}
