package bellhop.spi.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A folder that looks like sysfs: real directories, files and relative links, with the devices under {@code devices/}
 * and links to them in {@code class/}, so that what reads the real one reads this. Made in an empty folder, such as
 * JUnit's {@code @TempDir}, whose owner deletes it.
 */
public final class FakeSysfs {
    private final Path root;
    private int removed;

    /** An empty one, with the folders {@code class/net} and {@code class/tty}. */
    public FakeSysfs(Path folder) {
        try {
            root = folder.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        folder("class/net");
        folder("class/tty");
    }

    /** What stands for {@code /sys}. */
    public Path root() {
        return root;
    }

    /** Adds a wired interface, without a driver. */
    public FakeSysfs wired(String name, int ifindex) {
        String device = "devices/virtual/net/" + name;
        uevent(device, "INTERFACE=" + name, "IFINDEX=" + ifindex);
        attribute(device + "/ifindex", Integer.toString(ifindex));
        attribute(device + "/address", mac(ifindex));
        return link("class/net/" + name, device);
    }

    /** Adds a wireless interface with a card of its own, which has the driver given. */
    public FakeSysfs wireless(String name, int ifindex, String driver) {
        String card = "devices/pci0000:00/card" + ifindex;
        String device = card + "/net/" + name;
        uevent(device, "DEVTYPE=wlan", "INTERFACE=" + name, "IFINDEX=" + ifindex);
        attribute(device + "/ifindex", Integer.toString(ifindex));
        attribute(device + "/address", mac(ifindex));
        folder(card + "/ieee80211/phy" + ifindex);
        link(device + "/phy80211", card + "/ieee80211/phy" + ifindex);
        folder("bus/pci/drivers/" + driver);
        link(card + "/driver", "bus/pci/drivers/" + driver);
        link(device + "/device", card);
        return link("class/net/" + name, device);
    }

    /** Adds a terminal that says nothing of its hardware, as a virtual one does. */
    public FakeSysfs terminal(String name, int major, int minor) {
        String device = "devices/virtual/tty/" + name;
        uevent(device, "MAJOR=" + major, "MINOR=" + minor, "DEVNAME=" + name);
        attribute(device + "/dev", major + ":" + minor);
        return link("class/tty/" + name, device);
    }

    /**
     * Adds a terminal with a device behind it.
     *
     * @param driver the driver of that device, {@code ftdi_sio}
     */
    public FakeSysfs terminal(String name, int major, int minor, String driver) {
        String card = "devices/platform/port-" + name;
        String device = card + "/tty/" + name;
        uevent(device, "MAJOR=" + major, "MINOR=" + minor, "DEVNAME=" + name);
        attribute(device + "/dev", major + ":" + minor);
        folder("bus/platform/drivers/" + driver);
        link(card + "/driver", "bus/platform/drivers/" + driver);
        link(device + "/device", card);
        return link("class/tty/" + name, device);
    }

    /** Adds a serial port; a {@code type} of 0 has no hardware behind it. */
    public FakeSysfs serial(String name, int minor, int type) {
        terminal(name, 4, minor, "serial8250");
        return attribute("devices/platform/port-" + name + "/tty/" + name + "/type", Integer.toString(type));
    }

    /** Says which terminals are consoles, the first choice last: {@code tty0 ttyS0}. */
    public FakeSysfs consoles(String names) {
        folder("devices/virtual/tty/console");
        if (!Files.exists(root.resolve("class/tty/console"))) {
            link("class/tty/console", "devices/virtual/tty/console");
        }
        return attribute("class/tty/console/active", names);
    }

    /** Gives a device another name, as udev does: it stays the same device. */
    public FakeSysfs rename(String deviceClass, String name, String newName) {
        Path link = root.resolve("class").resolve(deviceClass).resolve(name);
        try {
            Path device = link.toRealPath();
            Path renamed = device.resolveSibling(newName);
            Files.move(device, renamed);
            Files.delete(link);
            return link(
                    "class/" + deviceClass + "/" + newName,
                    root.relativize(renamed).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a device: {@code remove("net", "wlan0")}, as {@link #removeDevice} does. */
    public FakeSysfs remove(String deviceClass, String name) {
        return removeDevice("class/" + deviceClass + "/" + name);
    }

    /**
     * Removes a link to a device, and the device. What is not there is no mistake. The device's folder is put aside and
     * not deleted, so that a device added later has another inode, as it has in sysfs.
     *
     * @param path of the link, {@code bus/usb/devices/1-1:1.0}
     */
    public FakeSysfs removeDevice(String path) {
        Path link = root.resolve(path);
        try {
            if (Files.isDirectory(link)) {
                folder("removed");
                Files.move(link.toRealPath(), root.resolve("removed/" + ++removed));
            }
            Files.deleteIfExists(link);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Makes a file, and the folders it is in; the text gets the newline that sysfs has. */
    public FakeSysfs attribute(String path, String text) {
        try {
            Files.writeString(placeOf(path), text + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /**
     * Makes a relative link, and the folders it is in, in place of one that is there. Both are paths from the root; the
     * target need not be there.
     */
    public FakeSysfs link(String path, String target) {
        try {
            Path link = placeOf(path);
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, folderOf(link).relativize(root.resolve(target)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Makes what cannot be read as a file by anybody, root included, as the attribute of a device that is going. */
    public FakeSysfs unreadable(String path) {
        try {
            Files.deleteIfExists(root.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder(path);
    }

    /** Makes a folder. */
    public FakeSysfs folder(String path) {
        try {
            Files.createDirectories(root.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The path without links on the way to it. */
    private Path placeOf(String path) throws IOException {
        Path place = root.resolve(path);
        Path parent = folderOf(place);
        Files.createDirectories(parent);
        // Only under "class" are there links to devices.
        return path.startsWith("class/") ? parent.toRealPath().resolve(place.getFileName()) : place;
    }

    private static Path folderOf(Path path) {
        return Objects.requireNonNull(path.getParent());
    }

    private void uevent(String device, String... lines) {
        attribute(device + "/uevent", String.join("\n", lines));
    }

    private static String mac(int number) {
        return String.format("02:00:00:%02x:%02x:%02x", number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff);
    }
}
