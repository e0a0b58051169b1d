package bellhop.engine.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.fuzz.Messages;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Verifies that any datagram says something or nothing, and that what it was taken to say is read back so. */
class NotificationFuzzTest {
    private static final int LONGEST_STATUS = 200;

    /** A character that cannot be shown takes at most {@code \x2028}. */
    private static final int LONGEST_ESCAPE = 6;

    @DictionaryEntries({
        "READY=1",
        "RELOADING=1",
        "STOPPING=1",
        "MAINPID=",
        "STATUS=",
        "ERRNO=",
        "EXTEND_TIMEOUT_USEC=",
        "MONOTONIC_USEC=",
        "WATCHDOG=1",
        "WATCHDOG=trigger",
        "9223372036854775807",
        "\\x0A"
    })
    @FuzzTest
    void anyDatagramIsRead(byte[] datagram) {
        Notification read = Notification.parse(new String(datagram, StandardCharsets.UTF_8));
        read.status().filter(status -> !status.isEmpty()).ifPresent(status -> {
            assertThat(status.length()).isLessThanOrEqualTo(2 * LONGEST_STATUS * LONGEST_ESCAPE);
            Messages.assertNoControl(status);
        });
        read.error().ifPresent(error -> assertThat(error).isPositive());
        read.extensionNanos().ifPresent(nanos -> assertThat(nanos).isPositive());
        read.mainPid().ifPresent(pid -> assertThat(pid).isPositive());
        // A status that was cut, or had characters that are shown as escapes, grows when it is read once more.
        boolean plain = read.status().orElse("").codePoints().count() <= LONGEST_STATUS;
        if (plain) {
            assertThat(Notification.parse(written(read))).isEqualTo(read);
        }
    }

    private static String written(Notification notification) {
        StringBuilder text = new StringBuilder();
        text.append(notification.ready() ? "READY=1\n" : "");
        text.append(notification.reloading() ? "RELOADING=1\n" : "");
        notification
                .sentNanos()
                .ifPresent(nanos ->
                        text.append("MONOTONIC_USEC=").append(nanos / 1000).append('\n'));
        text.append(notification.stopping() ? "STOPPING=1\n" : "");
        text.append(
                switch (notification.watchdog()) {
                    case SILENT -> "";
                    case PING -> "WATCHDOG=1\n";
                    case TRIGGER -> "WATCHDOG=trigger\n";
                });
        notification
                .status()
                .ifPresent(status -> text.append("STATUS=").append(status).append('\n'));
        notification
                .error()
                .ifPresent(error -> text.append("ERRNO=").append(error).append('\n'));
        notification
                .extensionNanos()
                .ifPresent(nanos ->
                        text.append("EXTEND_TIMEOUT_USEC=").append(nanos / 1000).append('\n'));
        notification
                .mainPid()
                .ifPresent(pid -> text.append("MAINPID=").append(pid).append('\n'));
        return text.toString();
    }
}
