package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Execution;
import bellhop.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies what the package for dpkg is made of; what becomes of it in a Debian is for the tests in containers. */
class DebIT {

    private static final int LIMIT_SECONDS = 300;

    @TempDir
    private Path folder;

    @Test
    void ofTheSameImageThePackageHasTheSameBytes() throws Exception {
        Path image = smallImage();
        Path first = pack("first", image);
        Path copy = folder.resolve("copy");
        execute("cp", "-R", image.toString(), copy.toString());
        execute("chmod", "-R", "g+w", copy.toString());

        Path second = pack("second", copy);

        assertThat(Files.mismatch(first, second))
                .as("where they differ; the copy has other times and permissions")
                .isEqualTo(-1);
    }

    @Test
    void itHasTheImageWithTheTimesOfItsCachesAndEverythingElseWhereDebianLooksForIt() throws Exception {
        Path image = smallImage();
        Path deb = pack("deb", image);
        String dpkg = Programs.needed("dpkg-deb", "dpkg");
        assertThat(execute(dpkg, "-f", deb.toString(), "Version", "Conflicts").out())
                .as("a release is newer than what came before it")
                .isEqualTo("Version: 1.2~SNAPSHOT\nConflicts: connect-proxy\n");
        Path root = folder.resolve("root");
        execute(dpkg, "-x", deb.toString(), root.toString());

        Path home = root.resolve("usr/lib/bellhop");
        for (Path file : files(image.resolve("lib"))) {
            Path packed = home.resolve("lib").resolve(file.getFileName());
            assertThat(packed).hasSameBinaryContentAs(file);
            assertThat(Files.getLastModifiedTime(packed).toInstant())
                    .as("time of %s", packed)
                    .isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        }
        for (Path program : files(image.resolve("bin"))) {
            String name = program.getFileName().toString();
            assertThat(Files.readSymbolicLink(root.resolve("usr/bin").resolve(name)))
                    .isEqualTo(Path.of("../lib/bellhop/bin", name));
            assertThat(execute(root.resolve("usr/bin").resolve(name).toString(), "--version")
                            .out())
                    .startsWith(name + " (Bellhop) ");
        }
        for (String section : List.of("1", "5", "7")) {
            assertThat(files(root.resolve("usr/share/man/man" + section)))
                    .isNotEmpty()
                    .allMatch(page -> page.toString().endsWith("." + section + ".gz"));
        }
        assertThat(root.resolve("usr/share/bash-completion/completions/bh-start"))
                .isSymbolicLink()
                .isRegularFile();
        assertThat(root.resolve("usr/share/zsh/vendor-completions/_bh")).isRegularFile();
        assertThat(root.resolve("usr/share/fish/vendor_completions.d/bh-start.fish"))
                .isRegularFile();
        assertThat(root.resolve("usr/lib/systemd/system/bellhop.service")).isRegularFile();
        assertThat(home.resolve("share/bellhop.cdx.json"))
                .hasSameBinaryContentAs(image.resolve("share/bellhop.cdx.json"));
        saysOfEachFileWhatTheImageSays(root);
        assertThat(root.resolve("etc/bellhop/services.d")).isEmptyDirectory();
    }

    /** Under the names that the files have in the package; licences that every Debian has are not in it again. */
    private static void saysOfEachFileWhatTheImageSays(Path root) throws IOException {
        Copyright image = new Copyright(ImageManager.IMAGE.resolve("share/licenses/copyright"));
        Path file = root.resolve("usr/share/doc/bellhop/copyright");
        Copyright copyright = new Copyright(file);
        try (Stream<Path> files = Files.walk(ImageManager.IMAGE)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                String name = ImageManager.IMAGE.relativize(each).toString();
                assertThat(copyright.licenseOf("usr/lib/bellhop/" + name))
                        .as("licence of %s", name)
                        .isNotEmpty()
                        .isEqualTo(image.licenseOf(name));
            }
        }
        assertThat(copyright.text("Expat")).isNotEmpty().isEqualTo(image.text("Expat"));
        assertThat(copyright.text("BSD-3-clause")).isNotEmpty().isEqualTo(image.text("BSD-3-clause"));
        assertThat(copyright.text("Apache-2.0")).contains(" /usr/share/common-licenses/Apache-2.0.");
        assertThat(root.resolve("usr/lib/bellhop/share/licenses")).doesNotExist();
        assertThat(Files.readString(file)).doesNotContain(" runtime/legal", " share/");
        assertThat(copyright.text("GPL-2 with Classpath exception"))
                .contains(" /usr/lib/bellhop/runtime/legal/java.base/LICENSE");
        assertThat(root.resolve("usr/lib/bellhop/runtime/legal/java.base/LICENSE"))
                .isRegularFile();
    }

    /** The image without its largest files, which take long to compress. */
    private Path smallImage() throws IOException, InterruptedException {
        Path image = folder.resolve("image");
        execute("cp", "-pPR", ImageManager.IMAGE.toString(), image.toString());
        for (String large :
                List.of("lib/manager.aot", "lib/client.aot", "runtime/lib/modules", "runtime/lib/server/libjvm.so")) {
            Files.delete(image.resolve(large));
        }
        return image;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private Path pack(String name, Path image) throws IOException, InterruptedException {
        Path target = Files.createDirectory(folder.resolve(name));
        execute(
                "sh",
                "src/build/deb.sh",
                image.toString(),
                "1.2-SNAPSHOT",
                System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64",
                target.toString());
        List<Path> packed = files(target);
        assertThat(packed).hasSize(1);
        return packed.getFirst();
    }

    private Outcome execute(String... command) throws IOException, InterruptedException {
        Path said = Files.createDirectories(folder.resolve("said"));
        return new Execution(new ProcessBuilder(command), said)
                .outcome(LIMIT_SECONDS)
                .succeeds();
    }
}
