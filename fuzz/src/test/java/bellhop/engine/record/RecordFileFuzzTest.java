package bellhop.engine.record;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.engine.record.RecordFile.OtherVersionException;
import bellhop.engine.record.RecordFile.UnreadableRecordException;
import bellhop.fuzz.Messages;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Verifies that any file is a record, which is the same when it is written again, or is refused in one line. */
class RecordFileFuzzTest {

    @DictionaryEntries({
        "bellhop-record ",
        "\\x0Aend\\x0A",
        "\\x0AbootId ",
        "\\x0AlastNumber ",
        "\\x0Aprocess.pid ",
        "\\x0Aprocess.startTime ",
        "\\x0Asaved.service.",
        ".state ",
        ".definition",
        "\\\\0041",
        "9223372036854775807",
        "PT10S"
    })
    @FuzzTest
    void anyFileIsARecordOrIsRefused(byte[] file) {
        try {
            RecordFile record = RecordFile.parse(new String(file, StandardCharsets.UTF_8));
            String written = record.text();
            RecordFile again = RecordFile.parse(written);
            assertThat(again).isEqualTo(record);
            assertThat(again.text()).isEqualTo(written);
        } catch (UnreadableRecordException | OtherVersionException e) {
            Messages.assertOneLine(e.getMessage());
        }
    }
}
