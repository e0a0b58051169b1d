package bellhop.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies the services that Bellhop brings, as far as can be told without running them. */
class ReadyMadeServicesTest {

    private static final Path SERVICES = Path.of("..", "services.d");

    static List<Path> scripts() throws IOException {
        List<Path> scripts = new ArrayList<>();
        for (Path service : services()) {
            for (Script script : Script.values()) {
                Path file = service.resolve(script.fileName());
                if (Files.exists(file)) {
                    scripts.add(file);
                }
            }
        }
        return scripts;
    }

    static List<Path> services() throws IOException {
        try (Stream<Path> directories = Files.list(SERVICES)) {
            return directories.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void hasAGoodNameAndNothingButScriptsAndYaml(Path service) throws Exception {
        String name = service.getFileName().toString();

        assertThat(ServiceName.parse(name)).hasToString(name);
        try (Stream<Path> files = Files.list(service)) {
            assertThat(files)
                    .extracting(file -> file.getFileName().toString())
                    .isSubsetOf("pre", "run", "post", "service.yaml")
                    .contains("run");
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void isAnExecutablePosixScriptThatAShellCanRead(Path script) throws IOException, InterruptedException {
        assertThat(script).isExecutable();
        assertThat(Files.readAllLines(script)).startsWith("#!/bin/sh");

        Process shell = new ProcessBuilder("/bin/sh", "-n", script.toString())
                .inheritIO()
                .start();
        assertThat(shell.waitFor()).isZero();
    }

    @Test
    void theSamplesNeedNothingToBeInstalled() throws IOException {
        for (Path script : scripts()) {
            if (script.toString().contains("/sample-")) {
                assertThat(Files.readString(script)).as("%s", script).doesNotContain("busybox", "command -v");
            }
        }
    }
}
