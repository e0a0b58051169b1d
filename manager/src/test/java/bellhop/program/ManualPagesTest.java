package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies that each program has its manual page, and that the formatters found here take them all. */
class ManualPagesTest {

    private static final Path CLONE = Path.of("..");
    private static final Path PAGES = CLONE.resolve("docs/man");
    private static final Pattern VERSION = Pattern.compile("(?m)^  <version>(.+)</version>$");
    private static final Pattern HEAD = Pattern.compile("(?m)^## (\\S+)(?: \\(([0-9-]{10})\\))?$");
    private static final DateTimeFormatter DATE_OF_A_PAGE = DateTimeFormatter.ofPattern("MMMM d, uuuu", Locale.ENGLISH);
    private static final Pattern REFERENCE = Pattern.compile("(?m)^\\.Xr (\\S+) (\\d)");

    static List<String> programs() {
        return List.of(
                "bh",
                "bh-run",
                "bh-start",
                "bh-stop",
                "bh-stopall",
                "bh-status",
                "bh-require",
                "bh-release",
                "escort",
                "connect",
                "semaphore",
                "state");
    }

    static List<String> formatters() {
        return List.of("groff -ww -z -mandoc", "mandoc -T lint -W warning");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void eachProgramHasAPageThatSaysHowItIsUsedAndHowItExits(String program) throws IOException {
        String page = Files.readString(PAGES.resolve(program + ".1"));

        assertThat(page.lines())
                .contains(".Dt " + program.toUpperCase(Locale.ROOT) + " 1")
                .containsSubsequence(".Sh NAME", ".Nm " + program, ".Sh SYNOPSIS", ".Sh DESCRIPTION", ".Sh EXIT STATUS")
                .contains(".It 64");
    }

    @Test
    void thereAreNoOtherPagesThanThoseAndBellhop() throws IOException {
        Stream<String> expected =
                Stream.concat(programs().stream().map(name -> name + ".1"), Stream.of("bellhop.7", "service.yaml.5"));

        assertThat(pages())
                .extracting(page -> page.getFileName().toString())
                .containsExactlyInAnyOrderElementsOf(expected.toList());
    }

    @Test
    void everyPageHasTheVersionAndTheDateOfTheLatestRelease() throws IOException {
        Matcher version = VERSION.matcher(Files.readString(CLONE.resolve("pom.xml")));
        assertThat(version.find()).as("a version in pom.xml").isTrue();
        List<MatchResult> heads = HEAD.matcher(Files.readString(CLONE.resolve("CHANGELOG.md")))
                .results()
                .toList();
        MatchResult release =
                heads.stream().filter(head -> head.group(2) != null).findFirst().orElseThrow();

        assertThat(heads.getFirst().group(1))
                .as("the first head of CHANGELOG.md, for the version in pom.xml")
                .isEqualTo(version.group(1).endsWith("-SNAPSHOT") ? "Unreleased" : version.group(1));
        for (Path page : pages()) {
            assertThat(Files.readAllLines(page))
                    .as("%s", page)
                    .contains(
                            ".Os Bellhop " + version.group(1),
                            ".Dd " + LocalDate.parse(release.group(2)).format(DATE_OF_A_PAGE));
        }
    }

    @Test
    void everyReferenceLeadsToAPage() throws IOException {
        for (Path page : pages()) {
            assertThat(REFERENCE.matcher(Files.readString(page)).results())
                    .as("references of %s", page)
                    .allSatisfy(reference -> assertThat(PAGES.resolve(reference.group(1) + "." + reference.group(2)))
                            .exists());
        }
    }

    @ParameterizedTest
    @MethodSource("formatters")
    void formattersHaveNothingToComplainOf(String formatter) throws IOException, InterruptedException {
        List<String> words = List.of(formatter.split(" "));
        assumeTrue(isInstalled(words.getFirst()), () -> words.getFirst() + " is not installed: pages not formatted");
        List<String> commandLine = new ArrayList<>(words);
        pages().forEach(page -> commandLine.add(page.toString()));

        Process process =
                new ProcessBuilder(commandLine).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String complaints = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(complaints).isEmpty();
        assertThat(process.waitFor()).isZero();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(PAGES)) {
            return files.sorted().toList();
        }
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
