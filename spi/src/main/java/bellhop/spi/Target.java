package bellhop.spi;

import java.util.Map;

/**
 * One thing that is present, {@code wlan0} or {@code ttyUSB0}: an instance of the service is wanted for it.
 *
 * <p>Nothing is checked here, so that one odd device does not cost a plugin all the others: the manager leaves out
 * the targets that it refuses, and shows them.
 *
 * @param name becomes the part of the service's name after the {@code @}, and {@code $1} of its scripts: 1 to 128
 *     bytes of UTF-8, without {@code /}, white space and control characters, not {@code .} or {@code ..}, not
 *     beginning with {@code -}
 * @param identity tells a device from another one that has the same name later, such as the number of a network
 *     interface or an inode; where it changes, the service is restarted. May be empty, and is at most 4 KiB
 * @param facts what scripts may want to know: the fact {@code DRIVER} is their environment variable
 *     {@code BELLHOP_DEVICE_DRIVER}. A key is a capital letter, then capital letters, digits and {@code _}; a value
 *     has no NUL and no newline; all together are at most 4 KiB of UTF-8. They are those of the moment in which a
 *     script is started: a fact that changes alone restarts nothing
 * @since 0.1
 */
public record Target(String name, String identity, Map<String, String> facts) {

    /** Copies the facts. */
    public Target {
        facts = Map.copyOf(facts);
    }
}
