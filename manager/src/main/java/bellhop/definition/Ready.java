package bellhop.definition;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How {@code run} tells that it is ready; the YAML key {@code ready}. */
public sealed interface Ready {

    /**
     * {@code READY=1} in a datagram, {@code sd_notify(3)}.
     *
     * @param watchdog the longest time between two {@code WATCHDOG=1}; empty: none are expected
     */
    record Notify(Optional<Duration> watchdog) implements Ready {}

    /**
     * A newline on a descriptor, as s6 has it.
     *
     * @param fd the descriptor's number in the service, 3 or more
     */
    record Descriptor(int fd) implements Ready {}

    /**
     * A file that appears.
     *
     * @param file an absolute path; a file that was there before the launch does not count
     */
    record Appears(Path file) implements Ready {}

    /**
     * A TCP port that takes connections.
     *
     * @param host a literal address, or {@code localhost}
     * @param port 1 to 65535
     */
    record Tcp(String host, int port) implements Ready {}

    /**
     * A page that is answered with a status of success, 2xx, or of redirection, 3xx.
     *
     * @param url what is asked for
     */
    record Http(HttpUrl url) implements Ready {}

    /**
     * A command that exits 0.
     *
     * @param command the program and its arguments
     */
    record Test(List<String> command) implements Ready {
        public Test {
            command = List.copyOf(command);
        }
    }

    /** {@code run} has ended, and well: it is a job, and what it has made is what is required of it. */
    record Finished() implements Ready {}

    /** Whether it is said once, so that it goes unheard where nobody listens; the rest can be asked again. */
    default boolean isSaid() {
        return switch (this) {
            case Notify n -> true;
            case Descriptor d -> true;
            case Appears a -> false;
            case Tcp t -> false;
            case Http h -> false;
            case Test t -> false;
            case Finished f -> false;
        };
    }
}
