package bellhop.plugin.wifi;

import bellhop.spi.Glob;
import bellhop.spi.Target;
import bellhop.spi.Trigger;
import java.io.IOException;
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

/**
 * Looks through the interfaces.
 *
 * @param interfaces those that are taken; all if empty
 * @param drivers the drivers that are taken; any if empty
 * @param exclude those that are not taken
 */
record WifiTrigger(Path folder, List<Glob> interfaces, List<Glob> drivers, List<Glob> exclude) implements Trigger {

    @Override
    public Set<Target> present() throws IOException {
        Set<Target> targets = new HashSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (isNamed(entry.getFileName().toString()) && isWireless(entry)) {
                    add(entry, targets);
                }
            }
        } catch (NoSuchFileException e) {
            return Set.of(); // a kernel without network
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return targets;
    }

    private boolean isNamed(String name) {
        return (interfaces.isEmpty() || Glob.anyMatches(interfaces, name)) && !Glob.anyMatches(exclude, name);
    }

    private static boolean isWireless(Path entry) {
        return Files.exists(entry.resolve("phy80211")) || Files.exists(entry.resolve("wireless"));
    }

    private void add(Path entry, Set<Target> targets) {
        try {
            Path device = entry.toRealPath();
            String ifindex = read(device.resolve("ifindex"));
            Map<String, String> facts = new HashMap<>();
            facts.put("IFINDEX", ifindex);
            facts.put("SYSPATH", device.toString());
            facts.put("MAC", read(device.resolve("address")));
            putNameOf(device.resolve("device/driver"), "DRIVER", facts);
            putNameOf(device.resolve("phy80211"), "PHY", facts);
            String driver = facts.getOrDefault("DRIVER", "");
            if (drivers.isEmpty() || Glob.anyMatches(drivers, driver)) {
                // An index is not used again while the machine runs, except by other network namespaces.
                String identity = ifindex + " " + Files.getAttribute(device, "unix:ino");
                targets.add(new Target(entry.getFileName().toString(), identity, facts));
            }
        } catch (IOException e) {
            // It is just going; if it is not, the next look finds it.
        }
    }

    private static String read(Path attribute) throws IOException {
        return Files.readString(attribute).strip();
    }

    /** A link's target says it all by its name. */
    private static void putNameOf(Path link, String fact, Map<String, String> facts) throws IOException {
        if (Files.exists(link)) {
            facts.put(fact, link.toRealPath().getFileName().toString());
        }
    }
}
