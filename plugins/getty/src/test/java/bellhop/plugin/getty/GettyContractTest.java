package bellhop.plugin.getty;

import bellhop.spi.TriggerPlugin;
import bellhop.spi.testkit.FakeSysfs;
import bellhop.spi.testkit.TriggerContract;

/** What every trigger has to keep to, kept by getty's. */
class GettyContractTest extends TriggerContract {
    private static final int PORT_MINOR = 64;

    @Override
    protected TriggerPlugin plugin() {
        return new GettyPlugin();
    }

    @Override
    protected String plugIn(FakeSysfs devices, int number) {
        devices.terminal("ttyUSB" + number, 188, number, "ftdi_sio");
        return "ttyUSB" + number;
    }

    @Override
    protected void pullOut(FakeSysfs devices, int number) {
        devices.remove("tty", "ttyUSB" + number);
    }

    @Override
    protected void plugInUnreadable(FakeSysfs devices) {
        devices.serial("ttyS0", PORT_MINOR, 4).unreadable("class/tty/ttyS0/type");
        devices.terminal("ttyUSB7", 188, 7, "ftdi_sio").unreadable("class/tty/ttyUSB7/dev");
        devices.link("class/tty/ttyUSB8", "devices/gone");
        devices.unreadable("class/tty/console/active");
    }

    /** Serial ports without hardware, which cost the most. */
    @Override
    protected void plugInOther(FakeSysfs devices, int number) {
        devices.serial("ttyS" + number, PORT_MINOR + number, 0);
    }
}
