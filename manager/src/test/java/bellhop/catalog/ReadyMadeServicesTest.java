package bellhop.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.Definition;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
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
    private static final List<String> TEMPLATES = List.of("getty", "udhcpc", "wpa_supplicant");
    private static final List<String> AUTOSTARTED =
            List.of("sample-batch", "sample-clock", "sample-crash", "sample-web");

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
    @MethodSource("services")
    void canBeReadWithATargetWhereItIsATemplate(Path service) throws Exception {
        ServiceDirectories directories = ServiceDirectories.named(List.of(SERVICES));
        String name = service.getFileName().toString();
        boolean template = TEMPLATES.contains(name);

        assertThat(directories
                        .find(ServiceName.parse(template ? name + "@x" : name))
                        .usable()
                        .orElseThrow()
                        .autostart())
                .isEqualTo(AUTOSTARTED.contains(name));
        if (template) {
            assertThat(directories.find(ServiceName.parse(name))).isInstanceOf(Finding.Template.class);
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void saysInOneSentenceWhatItIs(Path service) throws Exception {
        String name = service.getFileName().toString();
        Definition definition = ServiceDirectories.named(List.of(SERVICES))
                .find(ServiceName.parse(TEMPLATES.contains(name) ? name + "@x" : name))
                .usable()
                .orElseThrow();

        assertThat(definition.description()).isNotEmpty().hasSizeLessThan(100);
    }

    @Test
    void aCheckOfAllFindsNothing() {
        ServiceDirectories directories = ServiceDirectories.named(List.of(SERVICES));
        ServiceDirectories.Listing listing = directories.list();

        assertThat(listing.problems()).isEmpty();
        assertThat(new ServiceReader(directories).check(listing.names())).isEmpty();
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
