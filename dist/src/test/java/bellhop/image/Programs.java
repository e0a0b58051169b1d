package bellhop.image;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
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
        if (found.isEmpty()) {
            System.err.println("SKIPPED: there is no " + program + " here; install " + debianPackage);
        }
        assumeTrue(found.isPresent(), () -> "there is no " + program + " here; install " + debianPackage);
        return found.orElseThrow().toString();
    }
}
