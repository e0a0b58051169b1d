package bellhop.spi;

/**
 * A source of targets: of hardware, or of anything else that comes and goes.
 *
 * <p>The manager finds it by {@link java.util.ServiceLoader}: the jar names the class in
 * {@code META-INF/services/bellhop.spi.TriggerPlugin}, and the class is public with a public constructor without
 * parameters. A jar has one plugin. The manager makes one object of it and keeps it until it ends.
 *
 * <p><b>Threads.</b> Plugins are loaded once a service names one, or somebody asks for them. The constructor and
 * {@link #name} are called first, on a thread that ends then. A plugin that a service names has one thread from then
 * on, {@code bellhop-trigger-NAME}, on which {@link #open} and the methods of the triggers that it returned are called,
 * one call at a time. A plugin therefore needs no locks for itself. The context class loader is the plugin's own.
 *
 * <p><b>What goes wrong.</b> A plugin whose constructor or {@link #name} fails is left out. Whatever is thrown
 * later, {@link Error}s included, is shown by {@code bh triggers}, and the call is made again after a delay that
 * grows from one interval to a minute. No service is stopped for it, and no other plugin waits.
 *
 * @since 0.1
 */
public interface TriggerPlugin {

    /**
     * The key under {@code triggers:} in a {@code service.yaml}.
     *
     * @return a lower-case letter, then lower-case letters, digits and {@code -}, at most 32 characters; always the
     *     same. Of two plugins with one name the one whose jar comes first by name is taken, the other left out
     */
    String name();

    /**
     * Begins to look on behalf of one service.
     *
     * <p>Called once for each service directory that has this plugin's key, when plugins are loaded and again when
     * the settings were changed; the older trigger is closed then. Reads every key that it understands, whether it
     * needs it now or not: a key that nobody asked for is reported as unknown. Touches no hardware, which is for
     * {@link Trigger#present} to look at, and returns within a second.
     *
     * <p>{@code bh check} calls it as well, to find what is wrong with the settings: with a host whose sysfs is not
     * there, and it closes the trigger without asking it anything.
     *
     * @param settings what the service's YAML says under the plugin's key; may be kept
     * @param host what the manager offers; may be kept until the trigger is closed
     * @return a trigger of its own for each call, never null
     * @throws SettingsException if the settings are wrong. The user is told with file, line and column, and the
     *     plugin is asked again when the file has changed
     */
    Trigger open(Settings settings, Host host);
}
