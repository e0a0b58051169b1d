package bellhop.convert;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.ServiceWriter;
import bellhop.catalog.ServiceDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Files of other managers in a directory of their own, and what comes of their import. */
final class ImportTrial {
    private final Path root;
    private final List<String> files = new ArrayList<>();
    private Optional<String> name = Optional.empty();
    private boolean dry;
    private Importer.Outcome outcome = new Importer.Outcome(List.of(), false, false);

    ImportTrial(Path root) {
        this.root = root;
    }

    /** A file that is imported. */
    ImportTrial file(String fileName, String... lines) {
        files.add(beside(fileName, lines).toString());
        return this;
    }

    /** A file that is only there. */
    Path beside(String fileName, String... lines) {
        return ServiceWriter.write(root.resolve("source").resolve(fileName), false, String.join("\n", lines) + "\n");
    }

    ImportTrial named(String as) {
        name = Optional.of(as);
        return this;
    }

    ImportTrial dry() {
        dry = true;
        return this;
    }

    ImportTrial run() throws ImportException {
        outcome = Importer.run(
                new Importer.Request(files, Optional.empty(), name, services(), dry, true, Map.of()),
                ServiceDirectories.named(List.of(services())));
        return this;
    }

    Path services() {
        return root.resolve("services.d");
    }

    Importer.Outcome outcome() {
        return outcome;
    }

    /** The lines of a file that was made, without comments. */
    List<String> made(String path) throws IOException {
        return Files.readAllLines(services().resolve(path)).stream()
                .filter(line -> !line.startsWith("# "))
                .toList();
    }

    /** The names of all files that were made. */
    List<String> made() throws IOException {
        if (!Files.exists(services())) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(services())) {
            return all.filter(Files::isRegularFile)
                    .map(file -> services().relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    /** The lines of the report, with names of files instead of paths. */
    List<String> report() {
        return outcome.lines().stream()
                .map(line -> line.replace(root + "/source/", "").strip())
                .toList();
    }

    /** That a class of the report has a line. */
    ImportTrial tells(String title, String line) {
        List<String> lines = outcome.lines().stream()
                .map(it -> it.replace(root + "/source/", ""))
                .toList();
        assertThat(lines).as("the report").contains(title + ":");
        List<String> ofClass = lines.stream()
                .skip(lines.indexOf(title + ":") + 1L)
                .takeWhile(it -> it.startsWith("  "))
                .map(String::strip)
                .toList();
        assertThat(ofClass).as(title).anySatisfy(it -> assertThat(it).contains(line));
        return this;
    }
}
