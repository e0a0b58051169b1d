package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** The plugin of {@code docs/plugin-guide.md}, built as a third party would: against the jar of the installed image. */
final class GuidesPlugin {

    private static final Path GUIDE = Path.of("../docs/plugin-guide.md");

    private GuidesPlugin() {}

    /** Compiles the plugin and makes a jar of it. */
    static Path jar(Path folder) throws IOException {
        Path source = Files.writeString(folder.resolve("UsbPrinterPlugin.java"), block("java"));
        Path classes = Files.createDirectory(folder.resolve("classes"));
        int status = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(
                        System.out,
                        System.err,
                        "-proc:none",
                        "-cp",
                        Image.BELLHOP.resolve("lib/bellhop-spi.jar").toString(),
                        "-d",
                        classes.toString(),
                        source.toString());
        assertThat(status).as("status of javac").isZero();
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(services.resolve("bellhop.spi.TriggerPlugin"), block(""));
        Path jar = folder.resolve("usb-printer.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, entries);
            }
        }
        return jar;
    }

    /** The service that uses it. */
    static String yaml() throws IOException {
        return block("yaml");
    }

    /** The first block of a language. */
    private static String block(String language) throws IOException {
        List<String> blocks = Pattern.compile("(?s)```(\\w*)\n(.*?)```")
                .matcher(Files.readString(GUIDE, StandardCharsets.UTF_8))
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
        return blocks.getFirst();
    }
}
