package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that requests which come while no descriptor is left are answered when there are some again. */
@Timeout(60)
class RequestsWithoutDescriptorsTest {

    @TempDir
    Path directory;

    /** The programs are jars too, and those stay open: from a folder no class could be loaded any more. */
    private String jar() throws Exception {
        Path jar = directory.resolve("all.jar");
        List<String> command = new ArrayList<>(List.of("--create", "--no-compress", "--file", jar.toString()));
        for (Class<?> each : List.of(ControlLoop.class, SeparateManager.class)) {
            URI code = each.getProtectionDomain().getCodeSource().getLocation().toURI();
            command.addAll(List.of("-C", Path.of(code).toString(), "bellhop"));
        }
        ToolProvider tool = ToolProvider.findFirst("jar").orElseThrow();
        assertThat(tool.run(System.out, System.err, command.toArray(String[]::new)))
                .isZero();
        return jar + File.pathSeparator + System.getProperty("java.class.path");
    }

    @Test
    void requestsWaitUntilThereAreDescriptorsAgain() throws Exception {
        RunDir runDir = new RunDir(directory);
        try (SeparateManager manager = SeparateManager.start(directory, 100, jar());
                ReplyFifo hog = new ReplyFifo(runDir, "hog");
                ReplyFifo one = new ReplyFifo(runDir, "one");
                ReplyFifo two = new ReplyFifo(runDir, "two")) {
            hog.send("hog");
            manager.expect("hog");
            one.send("echo one");
            two.send("echo two");
            try (Dialog first = new Dialog(runDir.socket());
                    Dialog second = new Dialog(runDir.socket())) {
                first.send("echo first\n");
                second.send("echo second\n");
                manager.giveBackDescriptors();
                assertThat(one.answer()).isEqualTo("a\no one\nx 0\n");
                assertThat(two.answer()).isEqualTo("a\no two\nx 0\n");
                assertThat(first.answer()).isEqualTo("o first\nx 0\n");
                assertThat(second.answer()).isEqualTo("o second\nx 0\n");
            }
        }
    }
}
