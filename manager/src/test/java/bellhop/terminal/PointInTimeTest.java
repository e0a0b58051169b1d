package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PointInTimeTest {

    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 11, 30, 21, 41, 10, 0, ZoneId.of("Europe/Berlin"));

    @ParameterizedTest
    @CsvSource({
        "5s, 2026-11-30T20:41:05Z",
        "10m, 2026-11-30T20:31:10Z",
        "2h, 2026-11-30T18:41:10Z",
        "3d, 2026-11-27T20:41:10Z",
        "0m, 2026-11-30T20:41:10Z",
        "today, 2026-11-29T23:00:00Z",
        "21:41, 2026-11-30T20:41:00Z",
        "09:05:07, 2026-11-30T08:05:07Z",
        "21:42, 2026-11-29T20:42:00Z",
        "2026-11-30, 2026-11-29T23:00:00Z",
        "2026-07-01 12:30, 2026-07-01T10:30:00Z",
        "2026-07-01T12:30:15, 2026-07-01T10:30:15Z",
        "2027-01-01 00:00, 2026-12-31T23:00:00Z",
    })
    void isMeantInTheZoneOfWhoAsks(String text, String instant) {
        assertThat(PointInTime.parse(text, NOW))
                .hasValueSatisfying(it -> assertThat(it).hasToString(instant));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "m",
                "10",
                "10w",
                "-5m",
                "1.5h",
                "999999999d",
                "9:5",
                "24:00",
                "12:60",
                "tomorrow",
                "2026-11",
                "2026-02-30",
                "2026-11-30 ",
                "2026-11-30 25:00",
                "2026-11-30 12",
                "१०m"
            })
    void isNothingElse(String text) {
        assertThat(PointInTime.parse(text, NOW)).isEmpty();
    }
}
