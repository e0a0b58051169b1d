package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that whoever is told of a failure learns why, whichever file it was of, and hears each once. */
class FileErrorsTest {

    @TempDir
    Path folder;

    private static void isTold(IOException failure, Path file, String why) {
        assertThat(FileErrors.of(failure)).isEqualTo(why);
        assertThat(FileErrors.withFile(failure)).isEqualTo(file + ": " + why);
    }

    private static IOException failure(ThrowingCallable call) {
        return catchThrowableOfType(IOException.class, call);
    }

    @Test
    void whatHasNoReasonOfItsOwnGetsOne() throws Exception {
        Path missing = folder.resolve("missing");
        Path file = Files.createFile(folder.resolve("file"));
        isTold(failure(() -> Files.newInputStream(missing)), missing, "no such file or directory");
        isTold(failure(() -> Files.newDirectoryStream(file)), file, "not a directory");
        isTold(failure(() -> Directories.make(file, 0755)), file, "not a directory");
        isTold(failure(() -> Files.delete(folder)), folder, "not empty");
        isTold(new AccessDeniedException(missing.toString()), missing, "permission denied");
    }

    @Test
    void theSystemsReasonIsKept() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("link"));
        isTold(
                failure(() -> Files.newInputStream(link)),
                link,
                "Too many levels of symbolic links or unable to access attributes of symbolic link");
    }

    @Test
    void aFailureThatNamesNoFileIsToldAsItIs() {
        IOException call = failure(() -> Fd.lstat(folder.resolve("missing")));
        assertThat(FileErrors.withFile(call)).isEqualTo(FileErrors.of(call)).isEqualTo(call.getMessage());
        assertThat(FileErrors.withFile(new EOFException())).isEqualTo("java.io.EOFException");
    }
}
