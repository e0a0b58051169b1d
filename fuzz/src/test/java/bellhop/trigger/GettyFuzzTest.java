package bellhop.trigger;

import bellhop.plugin.getty.GettyPlugin;
import bellhop.spi.testkit.SettingsOf;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;

/** Verifies that the plugin {@code getty} looks at any sysfs without harm. */
class GettyFuzzTest {
    private static final SettingsOf SETTINGS = SettingsOf.map(Map.of("virtual", "tty1", "exclude", "ttyS9"));

    @DictionaryEntries({
        "\\x0Af ",
        "\\x0Ad ",
        "\\x0Al ",
        "class/tty/",
        "ttyS0",
        "ttyUSB0",
        "hvc0",
        "tty1",
        "console/active",
        "/type",
        "/dev",
        "/device",
        "/driver",
        "../"
    })
    @FuzzTest
    void anySysfsIsLookedAt(byte[] tree) throws Exception {
        Looks.assertFindsTheSameTwice(new GettyPlugin(), SETTINGS, tree);
    }
}
