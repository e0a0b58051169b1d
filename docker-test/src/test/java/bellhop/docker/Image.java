package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.model.BuildResponseItem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;

/**
 * The images that containers are made of: the {@code Dockerfile} that users may copy, with the packages that the
 * scenarios use, and in it what {@code dist} has built; the same without that; and the base alone.
 */
final class Image {

    private static final Path HERE = Path.of("").toAbsolutePath();
    /** The clone. */
    static final Path TOP = HERE.getParent();

    /** The label of all that is made here; {@code engine down} removes what bears it. */
    static final Map<String, String> MARK = Map.of("bellhop.docker-test", HERE.toString());

    /** Another one in each clone, for two may use one engine. */
    private static final String NAME = "bellhop-docker-test:" + Integer.toHexString(HERE.hashCode());

    private static final String PLAIN = NAME + "-plain";
    private static final String CLEAN = NAME + "-clean";

    /** What {@code dist} has built. */
    static final Path BELLHOP = TOP.resolve("dist/target/bellhop");

    private Image() {}

    /** The name of the image; it is built when it is first asked for. */
    static String name() {
        return Built.NAME;
    }

    /** The name of the image without Bellhop; it is built when it is first asked for. */
    static String plain() {
        return PlainBuilt.NAME;
    }

    /** The name of the image of Debian alone, without the programs of the scenarios. */
    static String clean() {
        return CleanBuilt.NAME;
    }

    /** What {@code dist} has built beside the image, for this machine: the archive, or the package for dpkg. */
    static Path packed(String suffix) throws IOException {
        boolean isArm = System.getProperty("os.arch").equals("aarch64");
        String name = suffix.equals(".deb")
                ? "bellhop_*_" + (isArm ? "arm64" : "amd64")
                : "bellhop-*-linux-" + (isArm ? "aarch64" : "x86_64");
        try (DirectoryStream<Path> found = Files.newDirectoryStream(BELLHOP.getParent(), name + suffix)) {
            Iterator<Path> files = found.iterator();
            assertThat(files)
                    .as("%s%s in %s", name, suffix, BELLHOP.getParent())
                    .hasNext();
            return files.next();
        }
    }

    private static final class Built {
        static final String NAME = build();
    }

    private static final class PlainBuilt {
        static final String NAME = buildPlain();
    }

    private static final class CleanBuilt {
        static final String NAME = buildClean();
    }

    /** What {@code -Dbellhop.base-image} says, else what {@code engine up} has made, else Debian's. */
    static String base() {
        return Optional.ofNullable(System.getProperty("bellhop.base-image"))
                .or(() -> Optional.ofNullable(System.getenv("BELLHOP_BASE_IMAGE")))
                .orElse("debian:bookworm-slim");
    }

    private static String buildClean() {
        String clean = Optional.ofNullable(System.getProperty("bellhop.base-image"))
                .or(() -> Optional.ofNullable(System.getenv("BELLHOP_CLEAN_IMAGE")))
                .orElseGet(Image::base);
        return buildOf("FROM " + clean + "\n", CLEAN);
    }

    private static String build() {
        assertThat(BELLHOP.resolve("bin/bh")).as("what dist has built").isExecutable();
        // As docs/container.md does it; docker reads what tar writes.
        List<String> tar = List.of(
                "tar",
                "-c",
                "-C",
                BELLHOP.getParent().toString(),
                "bellhop",
                "-C",
                TOP.resolve("docs/container").toString(),
                ".");
        return build(NAME, tar);
    }

    /** The beginning of that {@code Dockerfile}, up to where Bellhop comes in. */
    private static String buildPlain() {
        try {
            String whole = Files.readString(TOP.resolve("docs/container/Dockerfile"));
            int end = whole.indexOf("\nCOPY ");
            assertThat(end).as("where COPY begins in %s", whole).isPositive();
            return buildOf(whole.substring(0, end + 1), PLAIN);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String buildOf(String dockerfile, String name) {
        try {
            Path folder = Files.createTempDirectory("bellhop-image");
            try {
                Files.writeString(folder.resolve("Dockerfile"), dockerfile);
                return build(name, List.of("tar", "-c", "-C", folder.toString(), "."));
            } finally {
                Files.deleteIfExists(folder.resolve("Dockerfile"));
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String build(String name, List<String> tar) {
        DockerClient docker = DockerClientFactory.lazyClient();
        List<String> said = new ArrayList<>();
        try {
            Process packing = new ProcessBuilder(tar)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            packing.getOutputStream().close();
            try (InputStream context = packing.getInputStream()) {
                docker.buildImageCmd(context)
                        .withTags(Set.of(name))
                        .withLabels(MARK)
                        .withBuildArg("BASE", base())
                        .withBuildArg("PACKAGES", String.join(" ", Files.readAllLines(Path.of("packages"))))
                        .exec(new BuildImageResultCallback() {
                            @Override
                            public void onNext(BuildResponseItem item) {
                                if (item.getStream() != null) {
                                    said.add(item.getStream());
                                }
                                super.onNext(item);
                            }
                        })
                        .awaitImageId(10, TimeUnit.MINUTES);
            }
            assertThat(packing.waitFor()).as("exit status of %s", tar).isZero();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the image was built", e);
        } catch (RuntimeException e) {
            throw new IllegalStateException("the image cannot be built; docker said:\n" + String.join("", said), e);
        }
        return name;
    }
}
