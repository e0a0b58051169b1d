package bellhop.image;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Real programs that tests use where they are installed. */
final class Programs {

    private Programs() {}

    /** Where a program is; skips the test, loudly, where it is not installed. */
    static String needed(String program, String debianPackage) {
        Optional<Path> found = Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/local/sbin", "/usr/sbin", "/sbin"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
        neededThat(found.isPresent(), "there is no " + program + " here; install " + debianPackage);
        return found.orElseThrow().toString();
    }

    /** Skips the test, loudly, if this is not so. */
    static void neededThat(boolean holds, String otherwise) {
        if (!holds) {
            System.err.println("SKIPPED: " + otherwise);
        }
        assumeTrue(holds, otherwise);
    }

    /** Whether sshd lets this user in with a key: there is a shell, and the account is not seen to be locked. */
    static boolean mayLogIn(String user) throws IOException {
        Path shadow = Path.of("/etc/shadow");
        boolean hasShell = fields(Path.of("/etc/passwd"), user)
                .map(fields -> !fields.getLast().endsWith("/nologin")
                        && !fields.getLast().endsWith("/false"))
                .orElse(false);
        boolean isLocked = Files.isReadable(shadow)
                && fields(shadow, user)
                        .map(fields -> fields.get(1).startsWith("!"))
                        .orElse(false);
        return hasShell && !isLocked;
    }

    private static Optional<List<String>> fields(Path file, String user) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(user + ":"))
                .map(line -> List.of(line.split(":", -1)))
                .findFirst();
    }
}
