package bellhop.spi;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.spi.testkit.FakeHost;
import bellhop.spi.testkit.FakeSysfs;
import bellhop.spi.testkit.SettingsOf;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin guide is right: what it shows is compiled and run as it stands there. */
class PluginGuideTest {
    private static final Path GUIDE = Path.of("../docs/plugin-guide.md");
    private static final Pattern BLOCK = Pattern.compile("(?s)```(\\w*)\n(.*?)```");
    private static final Pattern CLASS = Pattern.compile("(?m)^(?:public final )?class (\\w+)");
    private static final int ABOUT_SIXTY_LINES = 70;

    @TempDir
    Path folder;

    private final List<MatchResult> blocks = new ArrayList<>();

    @BeforeEach
    void read() throws IOException {
        BLOCK.matcher(Files.readString(GUIDE)).results().forEach(blocks::add);
    }

    private List<String> blocks(String language) {
        return blocks.stream()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }

    /** Compiles all that is Java, with every warning an error, and puts the line for the service loader beside it. */
    private Path compiled() throws IOException {
        Path sources = Files.createDirectory(folder.resolve("sources"));
        List<Path> files = new ArrayList<>();
        for (String java : blocks("java")) {
            MatchResult name = CLASS.matcher(java).results().findFirst().orElseThrow();
            files.add(Files.writeString(sources.resolve(name.group(1) + ".java"), java));
        }
        assertThat(files).hasSize(2);
        Path classes = Files.createDirectory(folder.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
            // The annotations of the libraries' own making are not all there.
            List<String> options = List.of(
                    "-d",
                    classes.toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-Xlint:all,-classfile,-processing,-path",
                    "-Werror",
                    "-proc:none");
            boolean done = compiler.getTask(
                            said, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            assertThat(done).as("compiled: %s", said).isTrue();
        }
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(TriggerPlugin.class.getName()), blocks("").getFirst());
        return classes;
    }

    @Test
    void thePluginIsSmall() {
        assertThat(blocks("java").getFirst().lines()).hasSizeLessThan(ABOUT_SIXTY_LINES);
    }

    @Test
    void thePluginIsFoundAndFindsPrinters() throws IOException {
        FakeSysfs sysfs = new FakeSysfs(Files.createDirectory(folder.resolve("sys")));
        usb(sysfs, "1-1", "03f0", "07");
        usb(sysfs, "1-2", "05ac", "07");
        usb(sysfs, "1-3", "03f0", "03");
        FakeHost host = new FakeHost(sysfs);
        // What the guide's YAML says.
        SettingsOf settings = SettingsOf.map(Map.of("vendor", List.of("03f0", "04*")));
        assertThat(blocks("yaml")).singleElement().asString().contains("vendor: [\"03f0\", \"04*\"]");

        URL classes = compiled().toUri().toURL();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {classes}, TriggerPlugin.class.getClassLoader())) {
            TriggerPlugin plugin =
                    ServiceLoader.load(TriggerPlugin.class, loader).findFirst().orElseThrow();
            assertThat(blocks("yaml").getFirst()).contains("  " + plugin.name() + ":\n");
            try (Trigger trigger = plugin.open(settings, host)) {
                assertThat(trigger.present()).singleElement().satisfies(target -> {
                    assertThat(target.name()).isEqualTo("1-1:1.0");
                    assertThat(target.facts()).containsEntry("VENDOR", "03f0").containsKey("SYSPATH");
                });
                sysfs.removeDevice("bus/usb/devices/1-1:1.0");
                assertThat(trigger.present()).isEmpty();
            }
        }
        assertThat(settings.neverAsked()).isEmpty();
        assertThat(host.subsystems()).containsExactly("usb");
    }

    private static void usb(FakeSysfs sysfs, String port, String vendor, String interfaceClass) {
        sysfs.attribute("devices/usb1/" + port + "/idVendor", vendor)
                .attribute("devices/usb1/" + port + "/" + port + ":1.0/bInterfaceClass", interfaceClass)
                .link("bus/usb/devices/" + port + ":1.0", "devices/usb1/" + port + "/" + port + ":1.0");
    }
}
