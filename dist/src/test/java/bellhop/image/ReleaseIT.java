package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Execution;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verifies the commands of {@code docs/releasing.md}, by executing the page's own in a clone of these sources, and that
 * the image that they make is the one of this build.
 */
@Timeout(1200)
class ReleaseIT {

    private static final int BUILD_LIMIT_S = 900;
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern VERSION = Pattern.compile("(?m)^ {2,4}<version>(.+)</version>$");

    /** The memory dumps, and what is there in their place. */
    private static final Set<String> DIFFERENT = Set.of("lib/manager.aot", "lib/client.aot", "lib/untrained");

    private static final boolean IS_ARM = System.getProperty("os.arch").equals("aarch64");
    private static final String OWN = IS_ARM ? "aarch64" : "x86_64";
    private static final String OTHER = IS_ARM ? "x86_64" : "aarch64";

    @TempDir
    private Path folder;

    private Path clone;

    /** These sources, whatever of them is committed, as one commit; they may have come in an archive. */
    @BeforeEach
    void aCloneOfTheseSources() throws Exception {
        Programs.needed("git", "git");
        Programs.needed("gpg", "gnupg");
        clone = Files.createDirectory(folder.resolve("clone"));
        Files.createDirectory(
                folder.resolve("gnupg"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ServiceWriter.write(
                folder.resolve("tools/mvn"),
                true,
                ServiceWriter.shell("exec '" + Programs.needed("mvn", "maven")
                        + "' -q -Dcaches.skip=true '-Dmaven.repo.local="
                        + System.getProperty("localRepository", System.getProperty("user.home") + "/.m2/repository")
                        + "' \"$@\""));
        execute(TOP, """
                if [ -z "$(git rev-parse --show-cdup 2>/dev/null || echo none)" ]; then
                    git ls-files -co --exclude-standard | while IFS= read -r file; do
                        [ ! -e "$file" ] || printf '%s\\n' "$file"
                    done >"$0/list"
                else
                    find . -name target -prune -o -path ./.bellhop -prune -o -type f -print >"$0/list"
                fi
                tar -cf - -T "$0/list" | tar -C "$0/clone" -xf -
                cd "$0/clone"
                git init -q -b main
                git add -A
                git commit -q -m 'All that is there'
                """);
    }

    @AfterEach
    void endTheAgent() throws Exception {
        execute(folder, "gpgconf --kill all");
        Files.deleteIfExists(folder.resolve("jdk-aarch64")); // a link, of which JUnit would warn
    }

    @Test
    void theFilesOfAReleaseHaveTheImageOfThisBuildByteByByte() throws Exception {
        String version = version(clone.resolve("pom.xml"));
        execute(
                folder,
                "gpg --batch --quiet --passphrase '' --quick-generate-key 'Test <test@localhost>' ed25519 sign never");

        execute(
                clone,
                "version=" + version + "\n" + withoutJdkOfTheNet(lines("## The files")) + lines("## The signatures")
                        + lines("## The tag"));

        Path files = folder.resolve("files");
        String own = "bellhop-" + version + "-linux-" + OWN;
        assertThat(names(files))
                .contains(
                        "bellhop-" + version + ".tar.gz",
                        own + ".tar.gz",
                        own + ".cdx.json",
                        "bellhop_" + version.replace('-', '~') + "_" + (IS_ARM ? "arm64" : "amd64") + ".deb",
                        "SHA256SUMS",
                        "SHA256SUMS.asc")
                .hasSize(otherJdk() == null ? 6 : 9);
        assertThat(Files.readString(files.resolve("SHA256SUMS")).lines())
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .containsExactlyElementsOf(names(files).stream()
                        .filter(name -> !name.startsWith("SHA256SUMS"))
                        .toList());
        execute(clone, "git verify-tag 'v" + version + "'");
        execute(folder, "tar -xpf 'files/" + own + ".tar.gz'");
        assertThat(differences(ImageManager.IMAGE, folder.resolve(own))).isEmpty();
    }

    @Test
    void aVersionIsGivenToAllFilesThatNameOne() throws Exception {
        String before = version(clone.resolve("pom.xml"));
        String both = "version=98.76.0 next=98.76.0-SNAPSHOT\n";

        execute(clone, both + lines("## The next version"));

        isInAllFiles("98.76.0-SNAPSHOT", before);
        assertThat(heads().getFirst()).isEqualTo("## Unreleased");
        assertThat(dates()).isEqualTo(dates(TOP));
        LocalDate today = LocalDate.now(ZoneOffset.UTC);

        execute(clone, both + lines("## The version"));

        isInAllFiles("98.76.0", "98.76.0-SNAPSHOT");
        assertThat(heads().getFirst()).startsWith("## 98.76.0 (").endsWith(")");
        LocalDate date = LocalDate.parse(heads().getFirst().replaceAll(".*\\(|\\)", ""));
        assertThat(date).isBetween(today, LocalDate.now(ZoneOffset.UTC));
        assertThat(dates())
                .containsExactly(".Dd "
                        + DateTimeFormatter.ofPattern("MMMM d, uuuu", Locale.ENGLISH)
                                .format(date));
        assertThat(execute(clone, "git status --porcelain").out())
                .as("what is not committed")
                .isEmpty();
        assertThat(execute(clone, "git log -2 --format=%s").out()).isEqualTo("Release 98.76.0\nBegin 98.76.0\n");
        execute(clone, "mvn -B -Dspotless.check.skip=true validate");
        assertThat(run(clone, "dist/src/build/set-version 98.77.0").exits(1).err())
                .startsWith("set-version: ")
                .hasLineCount(1);
    }

    @Test
    void whatIsNotCommittedIsNotReleased() throws Exception {
        Files.writeString(clone.resolve("spi/new"), "");

        assertThat(run(clone, "dist/src/build/release.sh ../files").exits(1).err())
                .isEqualTo("release.sh: these are not committed, or not ignored: spi/new \n");
        assertThat(folder.resolve("files")).doesNotExist();
    }

    /** The JDK of the other architecture that {@code ./verify --arch} has got, if it has; nothing is downloaded here. */
    private static Path otherJdk() {
        Path jdk = TOP.resolve("vm-test/target/jdk-" + OTHER);
        return Files.isDirectory(jdk) ? jdk : null;
    }

    private static String withoutJdkOfTheNet(String lines) {
        String get = "dist/src/build/jdk-for aarch64 ../jdk-aarch64\n";
        String use = " -Dother.jdk=\"$(readlink -f ../jdk-aarch64)\"";
        assertThat(lines).contains(get, use);
        Path jdk = otherJdk();
        if (jdk != null) {
            return lines.replace(get, "ln -s '" + jdk + "' ../jdk-aarch64\n");
        }
        System.err.println("NOT TESTED: the files of a release for " + OTHER + ", because there is no JDK for it in "
                + "vm-test/target; ./verify --vm --arch gets one");
        return lines.replace(get, "").replace(use, "").replace("release.sh ", "release.sh --only-this-architecture ");
    }

    private void isInAllFiles(String version, String before) throws IOException, InterruptedException {
        List<Path> poms = new ArrayList<>();
        try (Stream<Path> files = Files.walk(clone)) {
            files.filter(file -> file.endsWith("pom.xml")).forEach(poms::add);
        }
        assertThat(poms).hasSizeGreaterThan(5);
        for (Path file : poms) {
            assertThat(version(file)).as("%s", file).isEqualTo(version);
        }
        for (Path page : pages(clone)) {
            assertThat(Files.readAllLines(page)).as("%s", page).contains(".Os Bellhop " + version);
        }
        assertThat(version(clone.resolve("docs/plugin-guide.md"))).isEqualTo(version);
        assertThat(run(clone, "git grep -n -F '" + before + "</version>' -- '*pom.xml' docs")
                        .out())
                .as("where the version before it still is")
                .isEmpty();
    }

    /** The version of a module, or the one that it has from its parent. */
    private static String version(Path file) throws IOException {
        return VERSION.matcher(Files.readString(file))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
    }

    private List<String> heads() throws IOException {
        return Files.readAllLines(clone.resolve("CHANGELOG.md")).stream()
                .filter(line -> line.startsWith("## "))
                .toList();
    }

    private Set<String> dates() throws IOException {
        return dates(clone);
    }

    private static Set<String> dates(Path clone) throws IOException {
        Set<String> dates = new TreeSet<>();
        for (Path page : pages(clone)) {
            Files.readAllLines(page).stream()
                    .filter(line -> line.startsWith(".Dd "))
                    .forEach(dates::add);
        }
        return dates;
    }

    private static List<Path> pages(Path clone) throws IOException {
        try (Stream<Path> files = Files.list(clone.resolve("docs/man"))) {
            return files.toList();
        }
    }

    /** In which files two images differ, and how: in kind, permissions, links or content. */
    private static List<String> differences(Path first, Path second) throws IOException {
        Set<String> all = new TreeSet<>(files(first));
        all.addAll(files(second));
        all.removeAll(DIFFERENT);
        assertThat(all).hasSizeGreaterThan(100);
        List<String> differences = new ArrayList<>();
        for (String file : all) {
            String one = kind(first.resolve(file));
            String other = kind(second.resolve(file));
            if (!one.equals(other)) {
                differences.add(file + " is " + one + ", then " + other);
            } else if (Files.isRegularFile(first.resolve(file))) {
                long at = Files.mismatch(first.resolve(file), second.resolve(file));
                if (at >= 0) {
                    differences.add(file + " differs at byte " + at);
                }
            }
        }
        return differences;
    }

    private static String kind(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            return "a link to " + Files.readSymbolicLink(file);
        }
        if (!Files.exists(file)) {
            return "not there";
        }
        return (Files.isDirectory(file) ? "a directory " : "a file ")
                + PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static List<String> files(Path image) throws IOException {
        try (Stream<Path> files = Files.walk(image)) {
            return files.map(file -> image.relativize(file).toString()).toList();
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** Everything in the blocks of lines below a heading of the page. */
    private static String lines(String heading) throws IOException {
        StringBuilder lines = new StringBuilder();
        boolean isBelow = false;
        boolean isWithin = false;
        for (String line : Files.readAllLines(TOP.resolve("docs/releasing.md"))) {
            if (line.startsWith("```")) {
                isWithin = !isWithin;
            } else if (line.startsWith("#") && !isWithin) {
                isBelow = line.equals(heading);
            } else if (isBelow && isWithin) {
                lines.append(line).append('\n');
            }
        }
        assertThat(lines).as("lines below \"%s\"", heading).isNotEmpty();
        return lines.toString();
    }

    private Outcome execute(Path directory, String lines) throws IOException, InterruptedException {
        return run(directory, lines).exits(0);
    }

    private Outcome run(Path directory, String lines) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-euc", lines, folder.toString()).directory(directory.toFile());
        builder.environment().put("PATH", folder.resolve("tools") + ":" + System.getenv("PATH"));
        builder.environment().put("GNUPGHOME", folder.resolve("gnupg").toString());
        builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
        for (String who : List.of("AUTHOR", "COMMITTER")) {
            builder.environment().put("GIT_" + who + "_NAME", "Test");
            builder.environment().put("GIT_" + who + "_EMAIL", "test@localhost");
        }
        return new Execution(builder, Files.createDirectories(folder.resolve("said"))).outcome(BUILD_LIMIT_S);
    }
}
