package bellhop.plugin.getty;

import bellhop.spi.Glob;
import bellhop.spi.Target;
import bellhop.spi.Trigger;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Looks through the terminals.
 *
 * @param virtual the virtual terminals that are taken
 * @param terminals those that are taken; all if empty
 * @param drivers the drivers that are taken; any if empty
 * @param exclude those that are not taken
 */
record GettyTrigger(Path folder, Set<String> virtual, List<Glob> terminals, List<Glob> drivers, List<Glob> exclude)
        implements Trigger {

    /** They are there only while something is plugged in, or a hypervisor offers them. */
    private static final Pattern THERE_BY_NAME = Pattern.compile("(hvc|ttyUSB|ttyACM|ttyGS)[0-9]+");

    /** The console is another name for one of these: the foremost virtual terminal, whichever it is. */
    private static final String FOREMOST = "tty0";

    private static final String NOTHING_BEHIND = "0";

    /** Far more than a number or the names of all consoles. */
    private static final int ATTRIBUTE_MAX = 512;

    @Override
    public Set<Target> present() throws IOException {
        Set<String> consoles = consoles();
        Set<Target> targets = new HashSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                boolean known = virtual.contains(name)
                        || consoles.contains(name)
                        || THERE_BY_NAME.matcher(name).matches();
                if (isNamed(name) && (known || isSerialPort(entry, name))) {
                    add(entry, name, targets);
                }
            }
        } catch (NoSuchFileException e) {
            return Set.of(); // a kernel without terminals
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return targets;
    }

    private Set<String> consoles() {
        try {
            Set<String> names =
                    new HashSet<>(List.of(read(folder.resolve("console/active")).split("\\s+")));
            names.remove(FOREMOST);
            return names;
        } catch (IOException e) {
            return Set.of(); // in a container, say
        }
    }

    private boolean isNamed(String name) {
        return (terminals.isEmpty() || Glob.anyMatches(terminals, name)) && !Glob.anyMatches(exclude, name);
    }

    /** The driver of serial ports makes a fixed number of entries, and of most knows that nothing is there. */
    private static boolean isSerialPort(Path entry, String name) {
        // Virtual terminals and pseudo terminals have no type: they need not be looked at to know that.
        if (!name.startsWith("tty") || name.length() < 5 || Character.isDigit(name.charAt(3))) {
            return false;
        }
        try {
            return !read(entry.resolve("type")).equals(NOTHING_BEHIND);
        } catch (IOException e) {
            return false;
        }
    }

    private void add(Path entry, String name, Set<Target> targets) {
        try {
            Path device = entry.toRealPath();
            Map<String, String> facts = new HashMap<>();
            facts.put("SYSPATH", device.toString());
            facts.put("DEVICE", "/dev/" + name);
            facts.put("DEV", read(device.resolve("dev")));
            Path driver = device.resolve("device/driver");
            if (Files.exists(driver)) {
                facts.put("DRIVER", driver.toRealPath().getFileName().toString());
            }
            if (drivers.isEmpty() || Glob.anyMatches(drivers, facts.getOrDefault("DRIVER", ""))) {
                String identity = facts.get("DEV") + " " + Files.getAttribute(device, "unix:ino");
                targets.add(new Target(name, identity, facts));
            }
        } catch (IOException e) {
            // It is just going; if it is not, the next look finds it.
        }
    }

    /** One read has it all, in sysfs; there may be thousands to read. */
    private static String read(Path attribute) throws IOException {
        byte[] bytes = new byte[ATTRIBUTE_MAX];
        try (FileInputStream in = new FileInputStream(attribute.toFile())) {
            int count = in.read(bytes);
            return count <= 0 ? "" : new String(bytes, 0, count, StandardCharsets.UTF_8).strip();
        }
    }
}
