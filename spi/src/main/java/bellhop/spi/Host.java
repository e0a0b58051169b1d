package bellhop.spi;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the manager offers to a trigger. Any thread may call it; nothing in it blocks.
 *
 * @since 0.1
 */
public interface Host {

    /**
     * Where sysfs is: {@code /sys}, or a directory that is made to look like it. A plugin finds everything from here and
     * never writes {@code /sys} itself, so that it can be tested. Note that inotify, and with it
     * {@link java.nio.file.WatchService}, reports nothing in sysfs.
     */
    Path sysfs();

    /**
     * How often {@link Trigger#present} is called when nothing happens, unless {@link #wakeOn} makes it rarer: a second,
     * or what the service says.
     */
    Duration interval();

    /**
     * Has {@link Trigger#present} called soon after every kernel event of these subsystems, {@code net} or {@code tty},
     * and once more an interval later; to be called from {@link TriggerPlugin#open}. If the kernel sends such events,
     * it is called only every 30 seconds otherwise, unless the service says how often, or {@link #keepPolling} was
     * called. If the kernel refuses events, polling alone remains.
     */
    void wakeOn(String... subsystems);

    /**
     * Has {@link Trigger#present} called each {@link #interval} in spite of {@link #wakeOn}, because some of what it
     * looks at changes without a kernel event; to be called from {@link TriggerPlugin#open}.
     */
    void keepPolling();

    /**
     * Writes a line to the manager's log, with the plugin's and the service's name before it. For what an
     * administrator can act on; a line that was just written is not written again. Control characters are shown as
     * escapes, and what is longer than 1,000 characters is cut.
     */
    void log(String line);
}
