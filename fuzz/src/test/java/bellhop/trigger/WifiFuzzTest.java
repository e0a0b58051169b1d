package bellhop.trigger;

import bellhop.plugin.wifi.WifiPlugin;
import bellhop.spi.testkit.SettingsOf;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;

/** Verifies that the plugin {@code wifi} looks at any sysfs without harm. */
class WifiFuzzTest {
    private static final SettingsOf SETTINGS =
            SettingsOf.map(Map.of("interfaces", List.of("w*", "a?[0-9]"), "exclude", "wlan9"));

    @DictionaryEntries({
        "\\x0Af ",
        "\\x0Ad ",
        "\\x0Al ",
        "class/net/",
        "wlan0",
        "/phy80211",
        "/wireless",
        "/ifindex",
        "/address",
        "/device",
        "/driver",
        "../"
    })
    @FuzzTest
    void anySysfsIsLookedAt(byte[] tree) throws Exception {
        Looks.assertFindsTheSameTwice(new WifiPlugin(), SETTINGS, tree);
    }
}
