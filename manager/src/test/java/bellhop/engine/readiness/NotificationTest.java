package bellhop.engine.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NotificationTest {

    @Test
    void allThatADatagramMaySay() {
        Notification said = Notification.parse("READY=1\nSTATUS=a=b\nMAINPID=12\nWATCHDOG=1\nERRNO=5\n"
                + "EXTEND_TIMEOUT_USEC=1500\nRELOADING=1\nMONOTONIC_USEC=7\nSTOPPING=1\nBARRIER=1\nX_OWN=1");

        assertThat(said.ready()).isTrue();
        assertThat(said.reloading()).isTrue();
        assertThat(said.sentNanos()).hasValue(7000);
        assertThat(said.stopping()).isTrue();
        assertThat(said.watchdog()).isEqualTo(Notification.Watchdog.PING);
        assertThat(said.status()).contains("a=b");
        assertThat(said.error()).hasValue(5);
        assertThat(said.extensionNanos()).hasValue(1_500_000);
        assertThat(said.mainPid()).hasValue(12);
    }

    @Test
    void anEmptyStatusTakesTheLastOneBack() {
        assertThat(Notification.parse("STATUS=").status()).contains("");
    }

    @Test
    void whateverComesThereIsSomethingFitForOneLine() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String[] parts = {
            "READY=",
            "STATUS=",
            "WATCHDOG=",
            "ERRNO=",
            "EXTEND_TIMEOUT_USEC=",
            "MAINPID=",
            "1",
            "trigger",
            "=",
            "\n",
            "\0",
            "\u001b[2J",
            "\uD800",
            "\uDCFF",
            "\u2028",
            "9999999999999999999999",
            "-1",
            "é",
            " "
        };
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int j = random.nextInt(30); j > 0; j--) {
                boolean any = random.nextInt(4) == 0;
                text.append(any ? Character.toString(random.nextInt(0x10000)) : parts[random.nextInt(parts.length)]);
            }
            Notification said = Notification.parse(text.toString());
            String status = said.status().orElse("");
            assertThat(status.codePoints().noneMatch(c -> Character.isISOControl(c) || c == 0x2028))
                    .as("seed %d: %s", seed, text)
                    .isTrue();
            assertThat(said.extensionNanos().orElse(1)).isPositive();
        }
    }
}
