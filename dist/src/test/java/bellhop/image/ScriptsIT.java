package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that every shell script is one for every POSIX shell, and that the benchmark can be read. */
class ScriptsIT {

    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> HOLD_SCRIPTS = List.of(".ci", "bin", "dist/src", "services.d");

    /** Whatever begins as a script of sh does, and what is sourced by one. */
    private static List<String> scripts() throws IOException {
        List<String> scripts = new ArrayList<>();
        for (Path file : List.of(TOP.resolve("bh"), TOP.resolve("verify"), TOP.resolve("docker-test/engine"))) {
            scripts.add(file.toString());
        }
        for (String directory : HOLD_SCRIPTS) {
            try (Stream<Path> files = Files.walk(TOP.resolve(directory))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    if (file.toString().endsWith(".sh")
                            || Files.readString(file).startsWith("#!/bin/sh\n")) {
                        scripts.add(file.toString());
                    }
                }
            }
        }
        return scripts;
    }

    @Test
    void shellcheckHasNothingToComplainOf() throws Exception {
        String shellcheck = Programs.needed("shellcheck", "shellcheck");
        assertSilent(List.of(shellcheck, "-s", "sh"), scripts());
        String completion = TOP.resolve("share/completion/bash/bh").toString();
        assertSilent(List.of(shellcheck, "-s", "bash"), List.of(completion));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash -n", "busybox sh -n"})
    void itCanBeRead(String shell) throws Exception {
        List<String> words = new ArrayList<>(List.of(shell.split(" ")));
        words.set(0, Programs.needed(words.getFirst(), words.getFirst()));
        for (String script : scripts()) {
            assertSilent(words, List.of(script));
        }
    }

    @Test
    void theBenchmarkExplainsItself() throws Exception {
        String benchmark = TOP.resolve("bench/run").toString();
        Process process = new ProcessBuilder(Programs.needed("python3", "python3"), benchmark, "--help")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).startsWith("usage: bench/run").contains("BELLHOP_PEERS");
        assertThat(process.waitFor()).isZero();
    }

    private static void assertSilent(List<String> command, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> commandLine = new ArrayList<>(command);
        commandLine.addAll(arguments);
        Process process =
                new ProcessBuilder(commandLine).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).as(command + " " + arguments).isEmpty();
        assertThat(process.waitFor()).isZero();
    }
}
