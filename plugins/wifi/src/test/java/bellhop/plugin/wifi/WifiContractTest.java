package bellhop.plugin.wifi;

import bellhop.spi.TriggerPlugin;
import bellhop.spi.testkit.FakeSysfs;
import bellhop.spi.testkit.TriggerContract;

/** What every trigger has to keep to, kept by wifi's. */
class WifiContractTest extends TriggerContract {
    private static final int FIRST_OTHER = 1000;

    private int lastIndex = 10;

    @Override
    protected TriggerPlugin plugin() {
        return new WifiPlugin();
    }

    @Override
    protected String plugIn(FakeSysfs devices, int number) {
        devices.wireless("wlan" + number, ++lastIndex, "ath9k");
        return "wlan" + number;
    }

    @Override
    protected void pullOut(FakeSysfs devices, int number) {
        devices.remove("net", "wlan" + number);
    }

    @Override
    protected void plugInUnreadable(FakeSysfs devices) {
        devices.wireless("wlan8", 8, "ath9k").unreadable("class/net/wlan8/ifindex");
        devices.link("class/net/wlan9", "devices/gone");
    }

    @Override
    protected void plugInOther(FakeSysfs devices, int number) {
        devices.wired("eth" + number, FIRST_OTHER + number);
    }
}
