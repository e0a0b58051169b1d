package bellhop.spi;

/**
 * Says which of the settings is wrong, and why. The manager puts file, line and column of that setting before it:
 * {@code services.d/printer/service.yaml:7:12: triggers: usb-printer: port: "x" is …; expected …}.
 *
 * @since 0.1
 */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** For {@link #item}: the value as a whole. */
    public static final int WHOLE = -1;

    private final String key;
    private final int item;

    /**
     * The value of a key is wrong, or the key is missing.
     *
     * @param key the key at fault; empty for the settings as a whole
     * @param message what is wrong with it and what was expected: one line, without the key
     */
    public SettingsException(String key, String message) {
        this(key, WHOLE, message);
    }

    /**
     * One item of a list is wrong.
     *
     * @param item counted from 0
     */
    public SettingsException(String key, int item, String message) {
        super(message);
        this.key = key;
        this.item = item;
    }

    /** The key at fault; empty for the settings as a whole. */
    public String key() {
        return key;
    }

    /** Which item of its list is at fault, counted from 0; {@link #WHOLE} for the value as a whole. */
    public int item() {
        return item;
    }
}
