package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimestampTest {
    private final Timestamp stamp = new Timestamp();

    @Test
    void momentIsWrittenInUtcToTheMillisecond() {
        assertThat(written("2026-11-23T21:41:10.123Z")).isEqualTo("2026-11-23T21:41:10.123Z ");
        assertThat(written("2026-11-23T21:41:10.124Z")).isEqualTo("2026-11-23T21:41:10.124Z ");
        assertThat(written("2026-11-24T00:00:00Z")).isEqualTo("2026-11-24T00:00:00.000Z ");
        assertThat(written("2024-02-29T23:59:59.999Z")).isEqualTo("2024-02-29T23:59:59.999Z ");
    }

    /** A board without a clock begins at, or before, the beginning of time. */
    @Test
    void clockMayBeWrong() {
        assertThat(written("1970-01-01T00:00:00.001Z")).isEqualTo("1970-01-01T00:00:00.001Z ");
        assertThat(written("1969-12-31T23:59:59.999Z")).isEqualTo("1969-12-31T23:59:59.999Z ");
    }

    @Test
    void anyMomentReadsBackAsItself() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            long millis = random.nextLong(4_000_000_000_000L);
            String written = written(Instant.ofEpochMilli(millis).toString());
            assertThat(written).hasSize(Timestamp.LENGTH);
            assertThat(Instant.parse(written.strip()).toEpochMilli()).isEqualTo(millis);
        }
    }

    private String written(String moment) {
        ByteBuffer out = ByteBuffer.allocate(64);
        stamp.put(out, Instant.parse(moment).toEpochMilli());
        return new String(out.array(), 0, out.position(), StandardCharsets.US_ASCII);
    }
}
