package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Execution;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that the list of components is that of the image, and that the licence of each is there with its text. */
class ComponentsIT {

    private static final Path IMAGE = ImageManager.IMAGE;
    private static final String RUNTIME = "runtime/bin/java";
    private static final String NATIVE_LIBRARY = "lib/libjunixsocket.so";

    /** SPDX's names of licences, and Debian's. */
    private static final Map<String, String> LICENSES = Map.of(
            "MIT", "Expat",
            "Apache-2.0", "Apache-2.0",
            "BSD-3-Clause", "BSD-3-clause",
            "GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2 with Classpath exception");

    /** What the image has in another form than its origin: of the one some classes, of the other one file. */
    private static final List<String> CHANGED = List.of("lib/junixsocket-common.jar", NATIVE_LIBRARY, RUNTIME);

    @TempDir
    private Path folder;

    /** The components by the file of the image that each of them is, or one of its files. */
    private static Map<String, JsonNode> components() throws IOException {
        Map<String, JsonNode> components = new TreeMap<>();
        for (JsonNode component : list().path("components")) {
            String name = component.path("name").asText();
            String file = switch (name) {
                case "openjdk" -> RUNTIME;
                case "junixsocket-native-common" -> NATIVE_LIBRARY;
                case "bellhop-plugin-getty", "bellhop-plugin-wifi" -> "plugins/" + name + ".jar";
                default -> "lib/" + name + ".jar";
            };
            assertThat(components.put(file, component)).as("another %s", file).isNull();
        }
        return components;
    }

    private static JsonNode list() throws IOException {
        return new ObjectMapper()
                .readTree(IMAGE.resolve("share/bellhop.cdx.json").toFile());
    }

    @Test
    void itHasEachJarAndLibraryOfTheImageAndNoOther() throws IOException {
        try (Stream<Path> lib = Files.list(IMAGE.resolve("lib"));
                Stream<Path> plugins = Files.list(IMAGE.resolve("plugins"))) {
            List<String> files = Stream.concat(
                            Stream.of(RUNTIME),
                            Stream.concat(lib, plugins)
                                    .filter(file -> file.toString().endsWith(".jar")
                                            || file.toString().endsWith(".so"))
                                    .map(file -> IMAGE.relativize(file).toString()))
                    .toList();

            assertThat(components().keySet()).containsExactlyInAnyOrderElementsOf(files);
        }
    }

    @Test
    void itSaysWhichVersionsTheyAre() throws Exception {
        Map<String, JsonNode> components = components();
        for (Map.Entry<String, JsonNode> entry : components.entrySet()) {
            JsonNode component = entry.getValue();
            assertThat(component.path("purl").asText())
                    .as(entry.getKey())
                    .contains(component.path("version").asText("no version").replace("+", "%2B"));
            if (!CHANGED.contains(entry.getKey())) {
                assertThat(component.path("hashes"))
                        .as("hashes of %s", entry.getKey())
                        .anySatisfy(hash -> assertThat(hash.path("content").asText())
                                .isEqualTo(sha256(IMAGE.resolve(entry.getKey()))));
            }
        }
        String runtime = new Execution(
                        new ProcessBuilder(IMAGE.resolve(RUNTIME).toString(), "-XshowSettings:properties", "-version"),
                        folder)
                .outcome()
                .exits(0)
                .err();
        JsonNode openjdk = components.getOrDefault(RUNTIME, new ObjectMapper().nullNode());
        assertThat(runtime)
                .contains("java.runtime.version = " + openjdk.path("version").asText("no version") + "\n")
                .contains("java.vendor = " + openjdk.path("publisher").asText("no publisher") + "\n");
    }

    @Test
    void nothingInItIsOfTheDayOfTheBuild() throws IOException {
        assertThat(list().has("serialNumber")).as("has a serial number").isFalse();
        assertThat(list().path("metadata").has("timestamp")).as("has a time").isFalse();
    }

    @Test
    void theLicenseOfEachIsThatOfTheCopyrightFile() throws IOException {
        Copyright copyright = new Copyright(IMAGE.resolve("share/licenses/copyright"));
        components().forEach((file, component) -> {
            assertThat(component.path("licenses")).as("licences of %s", file).hasSize(1);
            JsonNode choice = component.path("licenses").path(0);
            String license = choice.has("expression")
                    ? choice.path("expression").asText()
                    : choice.path("license").path("id").asText();
            assertThat(LICENSES).as("licences that are known").containsKey(license);
            assertThat(copyright.licenseOf(file)).as("licence of %s", file).isEqualTo(LICENSES.get(license));
            assertThat(copyright.patternsFor(file).equals(Copyright.ALL))
                    .as("%s is Bellhop's own", file)
                    .isEqualTo(component.path("group").asText().equals("bellhop"));
        });
    }

    @Test
    void theTextOfEachLicenseIsInTheImage() throws IOException {
        Copyright copyright = new Copyright(IMAGE.resolve("share/licenses/copyright"));

        assertThat(copyright.text("Expat"))
                .contains("Copyright (c) 2026 the Bellhop authors", "THE SOFTWARE IS PROVIDED \"AS IS\"");
        assertThat(copyright.text("BSD-3-clause")).contains("Neither the name of JLine", "POSSIBILITY OF SUCH DAMAGE.");
        assertThat(copyright.text("Apache-2.0")).contains("share/licenses/Apache-2.0");
        assertThat(IMAGE.resolve("share/licenses/Apache-2.0"))
                .content()
                .contains("Apache License", "Version 2.0, January 2004", "END OF TERMS AND CONDITIONS");
        assertThat(copyright.text("GPL-2 with Classpath exception")).contains("runtime/legal/java.base/LICENSE");
        assertThat(IMAGE.resolve("runtime/legal/java.base/LICENSE"))
                .content()
                .contains("GNU General Public License", "Version 2, June 1991", "CLASSPATH");
    }

    private static String sha256(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new AssertionError(file.toString(), e);
        }
    }
}
