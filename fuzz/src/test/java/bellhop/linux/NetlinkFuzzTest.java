package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Verifies that any message of the kernel is an event or none, and an event is the same when it is written again. */
class NetlinkFuzzTest {

    @FuzzTest
    void anyMessageIsAnEventOrNone(byte[] message) {
        Optional<Netlink.Received> received = Netlink.parse(message);
        if (received.isEmpty()) {
            return;
        }
        if (!(received.get() instanceof Netlink.Received.Uevent event)) {
            throw new AssertionError("a message is no overrun");
        }
        assertThat(event.action()).isNotEmpty().doesNotContain("@", "\0");
        assertThat(event.devicePath()).startsWith("/").doesNotContain("\0");
        StringBuilder written = new StringBuilder(event.action() + "@" + event.devicePath() + "\0");
        event.variables()
                .forEach((key, value) ->
                        written.append(key).append('=').append(value).append('\0'));
        assertThat(Netlink.parse(written.toString().getBytes(StandardCharsets.UTF_8)))
                .contains(event);
        assertThat(event.subsystem()).isEqualTo(event.variables().getOrDefault("SUBSYSTEM", ""));
    }
}
