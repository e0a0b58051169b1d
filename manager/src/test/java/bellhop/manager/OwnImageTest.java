package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image whose files are replaced, or that is a link which comes to lead to another one. */
class OwnImageTest {

    @TempDir
    Path folder;

    @Test
    void whatIsOpenedLaterIsRefusedOnceTheImageWasReplaced() throws IOException {
        Path home = image("home", "old");
        Path plugin = home.resolve("plugins/wifi.jar");
        OwnImage image = OwnImage.of(home, home.resolve("lib/own.jar"));
        assertThat(image.whyNot(plugin)).isEmpty();

        Path next = Files.writeString(home.resolve("lib/own.jar.new"), "new");
        Files.move(next, home.resolve("lib/own.jar"), StandardCopyOption.ATOMIC_MOVE);

        assertThat(image.whyNot(plugin))
                .contains("is of another build than the running manager, because " + home
                        + " was replaced; run: bh upgrade");
        assertThat(image.whyNot(folder.resolve("elsewhere/own.jar")))
                .as("a plugin that is none of the image's")
                .isEmpty();
    }

    @Test
    void anImageThatWasRemovedIsNotTheSameEither() throws IOException {
        Path home = image("home", "old");
        OwnImage image = OwnImage.of(home, home.resolve("lib/own.jar"));

        Files.delete(home.resolve("lib/own.jar"));

        assertThat(image.whyNot(home.resolve("plugins/wifi.jar"))).isPresent();
    }

    @Test
    void aLinkThatLeadsToAnotherImageIsAReplacement() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("bellhop"), image("first", "same"));
        OwnImage image = OwnImage.of(link, link.resolve("lib/own.jar"));
        assertThat(image.whyNot(link.resolve("plugins/wifi.jar"))).isEmpty();

        Files.delete(link);
        Files.createSymbolicLink(link, image("second", "same"));

        assertThat(image.whyNot(link.resolve("plugins/wifi.jar"))).isPresent();
    }

    @Test
    void afterItsOpeningAllJarsOfTheClassPathAreOpen() throws IOException {
        OwnImage.open();

        Set<Path> open = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                open.add(descriptor.toFile().getCanonicalFile().toPath()); // it may be closed by now
            }
        }
        for (String element : System.getProperty("java.class.path").split(":", -1)) {
            if (element.endsWith(".jar")) {
                assertThat(open).contains(Path.of(element).toRealPath());
            }
        }
    }

    private Path image(String name, String content) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("lib"));
        Files.writeString(home.resolve("lib/own.jar"), content);
        return home;
    }
}
