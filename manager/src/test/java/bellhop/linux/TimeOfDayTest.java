package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Children.Child;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TimeOfDayTest {

    private static final long WINTER = 1_767_261_600; // 2026-01-01 10:00:00 UTC
    private static final long SUMMER = 1_782_900_000; // 2026-07-01 10:00:00 UTC

    private final Children children = new Children();

    @AfterEach
    void noneIsLeft() throws IOException {
        children.close();
    }

    @ParameterizedTest
    @CsvSource({
        "UTC, 10:00:00, 10:00:00, 23:59:59",
        "XXX-5:30, 15:30:00, 15:30:00, 05:29:59",
        "'CET-1CEST,M3.5.0,M10.5.0/3', 11:00:00, 12:00:00, 00:59:59",
        "Nowhere/AtAll, 10:00:00, 10:00:00, 23:59:59"
    })
    void isThatOfTheZone(String zone, String winter, String summer, String beforeTheEpoch) throws IOException {
        Child java = children.java(
                "export TZ='" + zone + "'",
                PrintedTimesOfDay.class,
                Long.toString(WINTER),
                Long.toString(SUMMER),
                "-1");

        assertThat(java.line()).isEqualTo(winter);
        assertThat(java.line()).isEqualTo(summer);
        assertThat(java.line()).isEqualTo(beforeTheEpoch);
        assertThat(java.reap()).isEqualTo(new ExitStatus.NormalExit(0));
    }

    @Test
    void isWhatDateSays() throws Exception {
        Child date = children.start("date", "-d", "@" + SUMMER, "+%H:%M:%S");
        assertThat(TimeOfDay.at(SUMMER)).isEqualTo(date.line());
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE})
    void aYearThatNoClockHasIsNoError(long epochSecond) {
        assertThat(TimeOfDay.at(epochSecond)).isEqualTo("--:--:--");
    }
}
