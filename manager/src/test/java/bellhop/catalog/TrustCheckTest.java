package bellhop.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.definition.Definition;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Root's rule, tried by root on files that are given away; every parent of the temporary folder is to be safe. */
class TrustCheckTest {
    private static final int SOMEBODY = 54321;

    @TempDir
    Path temp;

    private Path directory;
    private Folder folder;
    private Path run;

    @BeforeEach
    void makeService() throws IOException {
        directory = temp.toRealPath();
        assumeTrue((int) Files.getAttribute(directory, "unix:uid") == 0, "needs root, to give files away");
        folder = Folder.in(directory, "services.d").service("web");
        run = folder.path().resolve("web/run");
        assumeTrue(whatIsWrong().isEmpty(), whatIsWrong());
    }

    @Test
    void whatBelongsToRootAloneMayBeUsed() {
        assertThat(whatIsWrong()).isEmpty();
    }

    @Test
    void scriptThatOthersCanWriteIsRefused() throws IOException {
        chmod(run, "rwxrwxr-x");

        assertThat(whatIsWrong())
                .isEqualTo(run + ": writable by others than its owner (mode 0775), and root runs nothing that others"
                        + " can change; chmod go-w " + run);
    }

    @Test
    void yamlThatOthersCanWriteIsRefused() throws Exception {
        ServiceDirectories services = ServiceDirectories.named(List.of(folder.path()));
        Definition web = services.find(ServiceName.parse("web")).usable().orElseThrow();
        TrustCheck check = TrustCheck.forRoot(List.of());
        assertThat(check.whatIsWrongWith(web, Script.RUN)).isEmpty();

        Path yaml = Files.createFile(folder.path().resolve("web/service.yaml"));
        assertThat(check.whatIsWrongWith(web, Script.RUN)).isEmpty();
        chmod(yaml, "rw-rw-rw-");
        assertThat(check.whatIsWrongWith(web, Script.RUN).orElse(""))
                .startsWith(yaml + ": writable by others than its owner (mode 0666)");
    }

    @Test
    void directoryThatOthersCanWriteIsRefusedAlthoughItIsSticky() throws IOException {
        Path web = folder.path().resolve("web");
        chmod(web, "rwxr-xrwx");
        Files.setAttribute(web, "unix:mode", 01757);

        assertThat(whatIsWrong())
                .isEqualTo(web + ": writable by others than its owner (mode 1757), and root runs nothing that others"
                        + " can change; chmod go-w " + web);
    }

    @Test
    void parentThatOthersCanWriteIsRefusedUnlessItIsSticky() throws IOException {
        chmod(directory, "rwxrwxrwx");
        assertThat(whatIsWrong())
                .isEqualTo(directory + ": writable by others than its owner (mode 0777), and root runs nothing that"
                        + " others can change; chmod go-w " + directory);

        Files.setAttribute(directory, "unix:mode", 01777);
        assertThat(whatIsWrong()).isEmpty();
    }

    @Test
    void whatBelongsToSomebodyElseIsRefused() throws IOException {
        for (Path path : List.of(run, folder.path().resolve("web"), folder.path(), directory)) {
            Files.setAttribute(path, "unix:uid", SOMEBODY);
            String mode = path.equals(directory) ? "0700" : "0755";

            assertThat(whatIsWrong())
                    .isEqualTo(path + ": belongs to uid 54321 (mode " + mode
                            + "), and root runs only files that belong to root; chown root " + path);

            Files.setAttribute(path, "unix:uid", 0);
        }
    }

    @Test
    void ownerOfANamedFolderIsTrustedAndTheManagerSaysSoOnce() throws IOException {
        Folder other = Folder.in(directory, "other");
        for (Path path : List.of(run, folder.path().resolve("web"), folder.path(), other.path())) {
            Files.setAttribute(path, "unix:uid", SOMEBODY);
        }

        TrustCheck check = TrustCheck.forRoot(List.of(folder.path(), other.path(), directory.resolve("gone")));

        assertThat(check.whatIsWrongWith(run)).isEmpty();
        assertThat(check.announcements())
                .containsExactly(folder.path() + " belongs to uid 54321, who is trusted like root from now on");
        Files.setAttribute(run, "unix:uid", SOMEBODY + 1);
        assertThat(check.whatIsWrongWith(run)).isPresent();
    }

    @Test
    void everyLinkOnTheWayIsLookedAt() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path real = Files.move(folder.path().resolve("web"), elsewhere.resolve("web"));
        Path hop = Files.createSymbolicLink(elsewhere.resolve("hop"), Path.of("../elsewhere/./web"));
        Files.createSymbolicLink(folder.path().resolve("web"), hop);
        assertThat(whatIsWrong()).isEmpty();

        chmod(elsewhere, "rwxrwxrwx");
        assertThat(whatIsWrong()).startsWith(elsewhere + ": writable by others");
        chmod(elsewhere, "rwxr-xr-x");

        Files.setAttribute(hop, "unix:uid", SOMEBODY, java.nio.file.LinkOption.NOFOLLOW_LINKS);
        assertThat(whatIsWrong()).startsWith(hop + ": belongs to uid 54321");
        Files.setAttribute(hop, "unix:uid", 0, java.nio.file.LinkOption.NOFOLLOW_LINKS);

        chmod(real.resolve("run"), "rwxr-xrwx");
        assertThat(whatIsWrong()).startsWith(real.resolve("run") + ": writable by others");
    }

    @Test
    void linksInACircleAreRefused() throws IOException {
        Path round = Files.createSymbolicLink(directory.resolve("round"), Path.of("round"));

        assertThat(TrustCheck.forRoot(List.of()).whatIsWrongWith(round.resolve("run")))
                .contains(round + "/run: too many symbolic links");
    }

    @Test
    void fileThatIsGoneIsOneLine() throws IOException {
        Files.delete(run);

        assertThat(whatIsWrong()).isEqualTo(run + ": no such file or directory");
    }

    @Test
    void ordinaryUserMayUseAnything() throws IOException {
        chmod(run, "rwxrwxrwx");

        assertThat(TrustCheck.none().whatIsWrongWith(run)).isEmpty();
        assertThat(TrustCheck.none().announcements()).isEmpty();
    }

    @Test
    void directoryOfAUsersManagerIsThatUsersOrRootsAndMayBeWritableForTheUsersGroup() throws Exception {
        TrustCheck check = TrustCheck.ofUser(SOMEBODY, SOMEBODY);
        Path own = Files.createDirectory(directory.resolve("own"));
        assertThat(check.whatIsWrongWithDirectory(own.resolve("log"))).isEmpty();

        Files.setAttribute(own, "unix:uid", SOMEBODY);
        chmod(own, "rwxrwxr-x");
        assertThat(check.whatIsWrongWithDirectory(own).orElse("")).startsWith(own + ": writable by others");
        Files.setAttribute(own, "unix:gid", SOMEBODY);
        assertThat(check.whatIsWrongWithDirectory(own)).isEmpty();
        assertThat(TrustCheck.forRoot(List.of()).whatIsWrongWithDirectory(own).orElse(""))
                .startsWith(own + ": belongs to uid " + SOMEBODY + " (mode 0775)");

        Files.setAttribute(own, "unix:uid", SOMEBODY + 1);
        assertThat(check.whatIsWrongWithDirectory(own.resolve("log")).orElse(""))
                .startsWith(own + ": belongs to uid " + (SOMEBODY + 1) + " (mode 0775)");
    }

    @Test
    void parentOfADirectoryMayBeStickyTheDirectoryItselfMayNot() throws Exception {
        TrustCheck check = TrustCheck.forRoot(List.of());
        Path sticky = Files.createDirectory(directory.resolve("sticky"));
        Files.setAttribute(sticky, "unix:mode", 01777);

        assertThat(check.whatIsWrongWithDirectory(sticky.resolve("log"))).isEmpty();
        assertThat(check.whatIsWrongWithParent(sticky)).isEmpty();
        assertThat(check.whatIsWrongWithDirectory(sticky).orElse(""))
                .isEqualTo(sticky
                        + ": writable by others than its owner (mode 1777), and a manager writes into nothing that"
                        + " others can change; chmod go-w " + sticky + ", or name another directory");
    }

    /** What the way to the script may be, as a sticky directory, may be no place for a file of variables. */
    @Test
    void directoryThatIsRightOnTheWayToOneFileIsNotSoForAnother() throws Exception {
        Path variables = Files.createFile(directory.resolve("variables"));
        Files.writeString(folder.path().resolve("web/service.yaml"), "env_file: " + variables + "\n");
        Definition web = ServiceDirectories.named(List.of(folder.path()))
                .find(ServiceName.parse("web"))
                .usable()
                .orElseThrow();
        TrustCheck check = TrustCheck.forRoot(List.of());
        assertThat(check.whatIsWrongWith(web, Script.RUN)).isEmpty();

        Files.setAttribute(directory, "unix:mode", 01777);
        assertThat(check.whatIsWrongWith(web, Script.RUN).orElse(""))
                .startsWith(directory + ": writable by others than its owner (mode 1777)");
    }

    private String whatIsWrong() {
        return TrustCheck.forRoot(List.of()).whatIsWrongWith(run).orElse("");
    }

    private static void chmod(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
