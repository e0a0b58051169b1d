package bellhop.plugin.getty;

import bellhop.spi.Glob;
import bellhop.spi.Host;
import bellhop.spi.Settings;
import bellhop.spi.SettingsException;
import bellhop.spi.Trigger;
import bellhop.spi.TriggerPlugin;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Terminals with hardware behind them: the consoles of {@code /sys/class/tty/console/active}, serial ports whose
 * {@code type} is not 0, {@code hvc*}, {@code ttyUSB*}, {@code ttyACM*}, {@code ttyGS*}, and the virtual terminals
 * that are listed.
 *
 * <pre>{@code
 * triggers:
 *   getty:
 *     virtual: [tty1, tty2]      # virtual terminals, which say nothing of themselves; none if not given
 *     terminals: "ttyUSB*"       # patterns, of those that would be taken; all if not given
 *     driver: ftdi_sio           # patterns; any if not given
 *     exclude: ttyS1             # patterns of terminals that are never taken
 * }</pre>
 */
public final class GettyPlugin implements TriggerPlugin {
    private static final Pattern VIRTUAL = Pattern.compile("tty[0-9]{1,2}");

    /** For the service loader. */
    public GettyPlugin() {}

    @Override
    public String name() {
        return "getty";
    }

    @Override
    public Trigger open(Settings settings, Host host) {
        List<String> virtual = settings.strings("virtual");
        for (int i = 0; i < virtual.size(); i++) {
            if (!VIRTUAL.matcher(virtual.get(i)).matches()) {
                throw new SettingsException(
                        "virtual",
                        i,
                        "\"" + virtual.get(i) + "\" is not a virtual terminal; expected one such as tty1");
            }
        }
        List<Glob> terminals = settings.globs("terminals");
        List<Glob> drivers = settings.globs("driver");
        List<Glob> exclude = settings.globs("exclude");
        host.wakeOn("tty");
        host.keepPolling(); // a serial port's type changes without an event
        return new GettyTrigger(host.sysfs().resolve("class/tty"), new TreeSet<>(virtual), terminals, drivers, exclude);
    }
}
