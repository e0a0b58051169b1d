package bellhop.plugin.wifi;

import bellhop.spi.Glob;
import bellhop.spi.Host;
import bellhop.spi.Settings;
import bellhop.spi.Trigger;
import bellhop.spi.TriggerPlugin;
import java.util.List;

/**
 * Wireless network interfaces: those of {@code /sys/class/net} that have {@code phy80211}, or {@code wireless} as old
 * drivers have it.
 *
 * <pre>{@code
 * triggers:
 *   wifi:
 *     interfaces: "wlan*"        # patterns; all if not given
 *     driver: [ath9k, rtl8*]     # patterns; any if not given
 *     exclude: wlan-test         # patterns of interfaces that are never taken
 * }</pre>
 */
public final class WifiPlugin implements TriggerPlugin {

    /** For the service loader. */
    public WifiPlugin() {}

    @Override
    public String name() {
        return "wifi";
    }

    @Override
    public Trigger open(Settings settings, Host host) {
        List<Glob> interfaces = settings.globs("interfaces");
        List<Glob> drivers = settings.globs("driver");
        List<Glob> exclude = settings.globs("exclude");
        host.wakeOn("net");
        return new WifiTrigger(host.sysfs().resolve("class/net"), interfaces, drivers, exclude);
    }
}
