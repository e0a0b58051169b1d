package bellhop.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How the machines of a test are made: with one core, a gigabyte, a USB bus, two serial lines ({@code ttyS0} is the
 * console), and all of the root in memory. Those that a test leaves running are gone after it.
 */
final class Guest implements AfterEachCallback {

    /** Where {@code guest} has put what they are made of. */
    static final Path MADE = Path.of("target", "guest", arch()).toAbsolutePath();

    private final List<String> words = new ArrayList<>(List.of(
            "quiet",
            "panic=-1",
            "rdinit=/init",
            // An emulated machine need not be as careful, nor as slow.
            "mitigations=off",
            "nokaslr",
            "random.trust_cpu=on",
            "rcupdate.rcu_expedited=1",
            "cryptomgr.notests"));

    private final List<String> devices = new ArrayList<>();
    private final List<Machine> machines = new ArrayList<>();
    private final List<Path> directories = new ArrayList<>();

    /** The architecture of the machines, as Debian calls it. */
    static String arch() {
        return System.getProperty("vm.arch", System.getProperty("os.arch").replace("aarch64", "arm64"));
    }

    static boolean isOfAnotherArchitecture() {
        return !arch().equals(System.getProperty("os.arch").replace("aarch64", "arm64"));
    }

    /** Adds a word to the kernel's command line. */
    Guest word(String word) {
        words.add(word);
        return this;
    }

    /** Adds a disk, {@code /dev/vda} and so on, whose content outlives the machine. */
    Guest disk(Path image) {
        devices.addAll(List.of("-drive", "if=virtio,format=raw,file=" + image));
        return this;
    }

    /** Switches a machine on, and waits until something can be asked of it. */
    Machine boot() {
        try {
            // Sockets have short paths.
            Path directory = Files.createTempDirectory("bellhop-vm");
            directories.add(directory);
            Machine machine = Machine.boot(directory, command(directory));
            machines.add(machine);
            return machine;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command(Path directory) {
        boolean isArm = arch().equals("arm64");
        List<String> command = new ArrayList<>(
                isArm ? List.of("qemu-system-aarch64", "-M", "virt") : List.of("qemu-system-x86_64", "-M", "pc"));
        // Never by KVM, so that it is the same everywhere. And the image runs on the oldest of processors, whatever it
        // was made on.
        String processor = isArm ? "max" : "qemu64";
        command.addAll(List.of("-accel", "tcg,thread=multi", "-cpu", processor, "-m", "1024"));
        command.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"));
        command.addAll(List.of("-kernel", MADE + "/kernel", "-initrd", MADE + "/root.cpio"));
        // On a busy host the kernel misjudges the time stamp counter now and then; its clock was eight times too fast.
        String console = isArm ? "console=ttyAMA0 " : "console=ttyS0 8250.nr_uarts=4 tsc=unstable no_timer_check ";
        command.addAll(List.of("-append", console + String.join(" ", words)));
        command.addAll(List.of("-serial", "file:" + directory.resolve("console")));
        if (!isArm) {
            command.addAll(List.of("-serial", socket(directory, "ttyS1").replace("socket,id=ttyS1,path=", "unix:")));
        }
        command.addAll(List.of("-device", "virtio-serial-pci", "-device", "virtio-rng-pci"));
        for (String port : List.of("agent", "journal")) {
            command.addAll(List.of("-chardev", socket(directory, port)));
            command.addAll(List.of("-device", "virtserialport,chardev=" + port + ",name=" + port));
        }
        command.addAll(List.of("-device", "qemu-xhci,id=xhci"));
        command.addAll(List.of("-qmp", "unix:" + directory.resolve("monitor") + ",server=on,wait=off"));
        command.addAll(devices);
        return command;
    }

    private static String socket(Path directory, String name) {
        return "socket,id=" + name + ",path=" + directory.resolve(name) + ",server=on,wait=off";
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        machines.forEach(Machine::close);
        for (Path directory : directories) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
