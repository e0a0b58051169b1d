package bellhop.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.definition.Definition;
import bellhop.definition.InvalidNameException;
import bellhop.definition.KillMode;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceDirectoriesTest {

    @TempDir
    Path directory;

    private Folder first;
    private Folder second;
    private ServiceDirectories services;

    @BeforeEach
    void makeTwoFolders() {
        first = Folder.in(directory, "first");
        second = Folder.in(directory, "second");
        services = ServiceDirectories.named(List.of(first.path(), second.path()));
    }

    @Test
    void directoryWithoutYamlIsAService() throws Exception {
        first.service("web").script("web", "post");
        Files.setPosixFilePermissions(first.path().resolve("web/post"), PosixFilePermissions.fromString("rwx------"));

        Definition web = usable("web");

        assertThat(web.name()).isEqualTo(name("web"));
        assertThat(web.directory()).isEqualTo(first.path().resolve("web"));
        assertThat(web.commands())
                .containsOnlyKeys(Script.RUN, Script.POST)
                .containsEntry(Script.RUN, List.of(first.path() + "/web/run", "web"))
                .containsEntry(Script.POST, List.of(first.path() + "/web/post", "web"));
        assertThat(web.has(Script.PRE)).isFalse();
        assertThat(web.restart().policy()).isEqualTo(RestartPolicy.ALWAYS);
        assertThat(web.timeouts()).containsEntry(Script.PRE, Duration.ofSeconds(10));
    }

    @Test
    void namesThatTheMemoryIsNotEnoughForAreIgnoredByName() {
        first.service("a").service("c");
        second.service("b").service("d");

        ServiceDirectories.Listing listing = services.atMost(2).list();

        assertThat(listing.names()).extracting(ServiceName::toString).containsExactly("a", "b");
        assertThat(listing.problems())
                .containsExactly(
                        "there are 4 service directories, and the manager's memory is enough for 2; ignored: c, d");
        assertThat(services.atMost(4).list()).isEqualTo(services.list());
    }

    @Test
    void yamlBesideTheScriptsIsRead() throws Exception {
        first.service("web").yaml("web", "restart: no\nautostart: true\nkill_mode: group\ncontrol_socket: true");

        Definition web = usable("web");

        assertThat(web.restart().policy()).isEqualTo(RestartPolicy.NO);
        assertThat(web.autostart()).isTrue();
        assertThat(web.stop().killMode()).isEqualTo(KillMode.GROUP);
        assertThat(web.controlSocket()).isTrue();
    }

    @Test
    void programOfMachineCodeIsAScript() throws Exception {
        Files.copy(
                Path.of("/bin/true"),
                Files.createDirectories(first.path().resolve("true")).resolve("run"));

        assertThat(usable("true").has(Script.RUN)).isTrue();
    }

    @Test
    void firstFolderWins() throws Exception {
        first.service("web");
        second.service("web").service("db");

        assertThat(usable("web").directory()).isEqualTo(first.path().resolve("web"));
        assertThat(usable("db").directory()).isEqualTo(second.path().resolve("db"));
    }

    @Test
    void directoryOfAnInstanceGoesBeforeItsTemplatesInAnyFolder() throws Exception {
        first.service("getty");
        second.service("getty@tty1").service("getty@tty2");
        first.service("getty@tty2");

        assertThat(usable("getty@tty1").directory()).isEqualTo(second.path().resolve("getty@tty1"));
        assertThat(usable("getty@tty2").directory()).isEqualTo(first.path().resolve("getty@tty2"));
        assertThat(usable("getty@tty3").directory()).isEqualTo(first.path().resolve("getty"));
        assertThat(usable("getty@tty3").commands())
                .containsEntry(Script.RUN, List.of(first.path() + "/getty/run", "tty3"));
    }

    @Test
    void directoryMayBeALink() throws Exception {
        second.service("web");
        Files.createSymbolicLink(first.path().resolve("site"), second.path().resolve("web"));

        assertThat(usable("site").directory()).isEqualTo(first.path().resolve("site"));
        assertThat(services.list().names()).containsExactly(name("site"), name("web"));
    }

    @Test
    void relativeFolderGivesAnAbsoluteDirectory() throws Exception {
        first.service("web");
        Path relative = Path.of("").toAbsolutePath().relativize(first.path());

        Definition web = ServiceDirectories.named(List.of(relative))
                .find(name("web"))
                .usable()
                .orElseThrow();

        assertThat(web.directory()).isAbsolute();
        assertThat(web.commands().values())
                .allSatisfy(command -> assertThat(command.getFirst()).startsWith("/"));
    }

    @Test
    void unknownServiceNamesTheFolders() {
        assertThat(services.find(name("web"))).isInstanceOf(Finding.Missing.class);
        assertProblems("web", "no such service: web (looked in " + first.path() + ", " + second.path() + ")");
        assertThat(services.find(name("web@a"))).isInstanceOf(Finding.Missing.class);
    }

    @Test
    void templateAloneIsRefused() throws Exception {
        first.service("getty").yaml("getty", "template: true");

        assertThat(services.find(name("getty"))).isInstanceOf(Finding.Template.class);
        assertProblems("getty", "getty is a template and needs a target: getty@TARGET");
        assertThat(usable("getty@tty1").name()).isEqualTo(name("getty@tty1"));
    }

    @Test
    void scriptThatCannotBeRunIsToldWithItsReason() throws Exception {
        first.write("web/pre", false, "#!/bin/sh\n")
                .write("web/run", true, "echo no first line\n")
                .write("web/post", true, "")
                .yaml("web", "restart: alway");

        assertProblems(
                "web",
                first.path() + "/web/service.yaml:1:10: restart: \"alway\" is not one of always, on-failure, no;"
                        + " did you mean \"always\"?",
                first.path() + "/web/pre: not executable (mode 0644); chmod +x it",
                first.path() + "/web/run: begins neither with #! nor as a program (ELF); expected a first line like"
                        + " #!/bin/sh",
                first.path() + "/web/post: empty; expected a script or a program");
    }

    @Test
    void linesOfDosAreTold() {
        first.write("web/run", true, "#!/bin/sh\r\necho\r\n");

        assertProblems(
                "web",
                first.path() + "/web/run: its lines end with CR LF, which hides the interpreter; expected LF alone");
    }

    @Test
    void scriptThatIsNoFileIsTold() throws IOException {
        Files.createDirectories(first.path().resolve("web/run"));
        Files.createSymbolicLink(first.path().resolve("web/pre"), Path.of("../gone"));

        assertProblems(
                "web",
                first.path() + "/web/pre: a link to ../gone, which does not exist",
                first.path() + "/web/run: not a regular file; expected a script or a program");
    }

    @Test
    void directoryWithoutScriptsIsTold() throws IOException {
        Files.createDirectory(first.path().resolve("web"));

        assertProblems("web", first.path() + "/web: has none of pre, run and post; expected at least one");
    }

    @Test
    void yamlThatIsNoFileIsToldAndNotOpened() throws Exception {
        first.service("web");
        Path fifo = first.path().resolve("web/service.yaml");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();

        assertProblems("web", fifo + ": not a regular file");
    }

    @Test
    void yamlOfTheOtherUsualNameIsTold() throws IOException {
        first.service("web");
        Files.writeString(first.path().resolve("web/service.yml"), "");

        assertProblems("web", first.path() + "/web/service.yml: not read; rename it to service.yaml");
    }

    @Test
    void readyMadeServicesHaveNothingWrong() {
        ServiceDirectories readyMade = ServiceDirectories.named(List.of(Path.of("../services.d")));

        assertThat(readyMade.list().problems()).isEmpty();
        assertThat(readyMade.list().names()).isNotEmpty();
        for (ServiceName service : readyMade.list().names()) {
            assertThat(readyMade.find(new ServiceName(service.template(), Optional.of("x"))))
                    .isInstanceOf(Finding.Usable.class);
        }
    }

    @Test
    void fileInPlaceOfADirectoryIsTold() throws IOException {
        Files.writeString(first.path().resolve("web"), "");

        assertProblems("web", first.path() + "/web: not a directory; expected one with pre, run or post in it");
    }

    @Test
    void folderThatIsAFileIsTold() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        ServiceDirectories broken = ServiceDirectories.named(List.of(file));

        assertThat(broken.find(name("web"))).isInstanceOf(Finding.Missing.class);
        assertThat(broken.list().problems()).containsExactly(file + ": not a directory");
    }

    @Test
    void listNamesWhatIsThere() throws IOException {
        first.service("web").service("getty@tty1");
        second.service("web").service("db");
        Files.writeString(first.path().resolve("README"), "");
        Files.createDirectory(first.path().resolve(".git"));
        Files.createDirectory(first.path().resolve("empty"));

        ServiceDirectories.Listing listing = services.list();

        assertThat(listing.names()).map(ServiceName::toString).containsExactly("db", "empty", "getty@tty1", "web");
        assertThat(listing.problems()).isEmpty();
    }

    @Test
    void directoryWhoseNameIsNoneIsPassedOverAndTold() throws IOException {
        first.service("web").service("a b");

        ServiceDirectories.Listing listing = services.list();

        assertThat(listing.names()).map(ServiceName::toString).containsExactly("web");
        assertThat(listing.problems())
                .containsExactly(first.path() + "/a b: ignored: \"a b\" is not a service name: expected a letter"
                        + " or digit, then letters, digits and . _ + -, at most 64 characters");
    }

    @Test
    void directoryWhoseNameIsNoUtf8IsPassedOverAndTold() throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", "mkdir \"$(printf 'a@\\377')\"")
                        .directory(first.path().toFile())
                        .start()
                        .waitFor())
                .isZero();

        assertThat(services.list().names()).isEmpty();
        assertThat(services.list().problems())
                .containsExactly(
                        first.path() + "/a@\uFFFD: ignored: \"a@\uFFFD\" is not a service name: a target is UTF-8");
    }

    @Test
    void namedFolderThatIsMissingIsTold() {
        Path gone = directory.resolve("gone");
        first.service("web");

        ServiceDirectories.Listing listing =
                ServiceDirectories.named(List.of(gone, first.path())).list();

        assertThat(listing.names()).containsExactly(name("web"));
        assertThat(listing.problems()).containsExactly(gone + ": no such directory of services");
    }

    @Test
    void usualFoldersAreToldOnlyWhenAllAreMissing() {
        Path gone = directory.resolve("gone");
        Path lost = directory.resolve("lost");

        assertThat(ServiceDirectories.usual(List.of(gone, first.path())).list().problems())
                .isEmpty();
        assertThat(ServiceDirectories.usual(List.of(gone, lost)).list().problems())
                .containsExactly("no directory of services: looked for " + gone + ", " + lost
                        + "; make one of them, or name another with --services");
    }

    /** Root may read everything, so another JVM asks in the name of somebody else. */
    @Test
    void directoryThatThisUserMayNotReadIsTold() throws Exception {
        first.service("web").service("db");
        Path locked = directory.resolve("locked");
        Files.createDirectories(locked);
        for (String path : List.of("first/web", "locked")) {
            Files.setPosixFilePermissions(directory.resolve(path), PosixFilePermissions.fromString("rwx------"));
        }
        Files.setPosixFilePermissions(first.path().resolve("db/run"), PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        assumeTrue((int) Files.getAttribute(directory, "unix:uid") == 0, "needs root");

        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs setpriv");

        String answer = ask(
                List.of("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
                List.of(),
                "web,db,other",
                first.path(),
                locked);

        assumeTrue(!answer.contains("setpriv: failed"), "nobody may run this Java");
        assumeTrue(!answer.contains("Could not find or load main class"), "nobody may read the classes here");
        assertThat(answer.lines())
                .containsExactly(
                        first.path() + "/web: permission denied",
                        first.path() + "/db/run: not executable by this user (mode 0700)",
                        locked + "/other: permission denied",
                        locked + ": permission denied");
    }

    @Test
    void nameThatTheLocaleHasNoBytesForIsTold() throws Exception {
        first.service("wifi").service("web");

        String answer = ask(List.of("/usr/bin/env", "LC_ALL=C"), List.of(), "wifi@\\u00e9,web", first.path());

        assertThat(answer.lines())
                .containsExactly(
                        "wifi@?: file names are in ANSI_X3.4-1968 here, which cannot express this name; start the"
                                + " manager with LANG=C.UTF-8");
    }

    /** A manager that starts hundreds of services without YAML is not to pay for the library. */
    @Test
    void yamlLibraryIsNotLoadedForADirectoryWithoutYaml() throws Exception {
        first.service("web").service("db");

        String loaded = ask(List.of(), List.of("-Xlog:class+load"), "web,db", first.path());

        assertThat(loaded).contains("bellhop.definition.Definition").doesNotContain("snakeyaml");
    }

    /** Has another JVM ask for services in these folders; returns what it prints. */
    private static String ask(List<String> launcher, List<String> options, String names, Path... folders)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Ask.class.getName(),
                names));
        Arrays.stream(folders).map(Path::toString).forEach(command::add);
        Process asked = new ProcessBuilder(command).redirectErrorStream(true).start();
        String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(asked.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return answer;
    }

    /** Prints what is wrong with the services it is asked for, and with the folders. */
    static final class Ask {
        public static void main(String[] words) throws InvalidNameException {
            ServiceDirectories services = ServiceDirectories.named(
                    Arrays.stream(words).skip(1).map(Path::of).toList());
            for (String name : words[0].split(",", -1)) {
                services.find(ServiceName.parse(name.replace("\\u00e9", "\u00e9")))
                        .whyNot()
                        .forEach(System.out::println);
            }
            services.list().problems().forEach(System.out::println);
        }
    }

    private void assertProblems(String service, String... problems) {
        assertThat(services.find(name(service)).whyNot()).containsExactly(problems);
    }

    private Definition usable(String service) {
        return services.find(name(service)).usable().orElseThrow();
    }

    private static ServiceName name(String text) {
        try {
            return ServiceName.parse(text);
        } catch (InvalidNameException e) {
            throw new AssertionError(e);
        }
    }
}
