package bellhop.definition;

/** How far a stop reaches; the YAML key {@code kill_mode}. */
public enum KillMode {
    /** Every process of the incarnation, wherever it went. */
    ALL,
    /** The process group of the script. */
    GROUP,
    /** The process of the script alone. */
    PROCESS
}
