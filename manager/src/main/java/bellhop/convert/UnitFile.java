package bellhop.convert;

import bellhop.definition.Quote;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The assignments of a unit and its drop-ins, by the syntax of systemd.syntax(7). */
final class UnitFile {

    /** An assignment in a section; a line that is none has an empty section and counts for nothing. */
    record Assignment(String section, SourceKey key) {}

    private UnitFile() {}

    /**
     * Reads a unit, then its drop-ins in the order of their names.
     *
     * @param file the unit
     * @param directories where drop-ins are looked for beside the unit's own directory, the most important first
     */
    static List<Assignment> read(Path file, UnitName name, List<Path> directories) throws ImportException {
        List<Assignment> all = new ArrayList<>(read(file));
        for (Path dropIn : dropIns(file, name, directories)) {
            all.addAll(read(dropIn));
        }
        return all;
    }

    private static List<Path> dropIns(Path file, UnitName name, List<Path> directories) throws ImportException {
        List<Path> places = new ArrayList<>();
        Path beside = file.toAbsolutePath().normalize().getParent();
        if (beside != null) {
            places.add(file.isAbsolute() || file.getParent() == null ? beside : file.getParent());
        }
        directories.stream().filter(it -> !it.equals(beside)).forEach(places::add);
        SortedMap<String, Path> byName = new TreeMap<>();
        for (String directory : dropInDirectories(name)) {
            for (Path place : places) {
                for (Path dropIn : filesIn(place.resolve(directory))) {
                    byName.putIfAbsent(String.valueOf(dropIn.getFileName()), dropIn);
                }
            }
        }
        return byName.values().stream().filter(UnitFile::isNotMasked).toList();
    }

    /** The most special first: of the instance, of its template, of each beginning that ends with a dash, of the type. */
    private static List<String> dropInDirectories(UnitName name) {
        List<String> names = new ArrayList<>(List.of(name + ".d"));
        if (name.instance().filter(it -> !it.isEmpty()).isPresent()) {
            names.add(name.prefix() + "@" + name.type() + ".d");
        }
        String template = name.instance().isPresent() ? "@" : "";
        for (int dash = name.prefix().length() - 2; dash > 0; dash--) {
            if (name.prefix().charAt(dash) == '-') {
                names.add(name.prefix().substring(0, dash + 1) + template + name.type() + ".d");
            }
        }
        names.add(name.type().substring(1) + ".d");
        return names;
    }

    private static List<Path> filesIn(Path directory) throws ImportException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.conf")) {
                entries.forEach(files::add);
            } catch (IOException | DirectoryIteratorException e) {
                throw new ImportException(Quote.onOneLine(directory) + ": its drop-ins cannot be read");
            }
        }
        return files;
    }

    /** As systemd has it, a link to /dev/null takes the place of a drop-in. */
    private static boolean isNotMasked(Path dropIn) {
        return Files.isRegularFile(dropIn) || !Files.exists(dropIn, LinkOption.NOFOLLOW_LINKS);
    }

    private static List<Assignment> read(Path file) throws ImportException {
        List<Assignment> read = new ArrayList<>();
        List<String> lines = SourceText.lines(file);
        String section = "";
        for (int i = 0; i < lines.size(); i++) {
            int number = i + 1;
            String line = lines.get(i).strip();
            if (isComment(line)) {
                continue;
            }
            StringBuilder whole = new StringBuilder();
            while (line.endsWith("\\") && i + 1 < lines.size()) {
                whole.append(line, 0, line.length() - 1).append(' ');
                do {
                    line = lines.get(++i).strip();
                } while (!line.isEmpty() && isComment(line) && i + 1 < lines.size());
                line = !line.isEmpty() && isComment(line) ? "" : line;
            }
            String text = whole.append(line).toString().strip();
            if (text.startsWith("[") && text.endsWith("]")) {
                section = text.substring(1, text.length() - 1);
                continue;
            }
            int equals = text.indexOf('=');
            read.add(
                    equals <= 0
                            ? new Assignment("", new SourceKey(file.toString(), number, text, ""))
                            : new Assignment(
                                    section,
                                    new SourceKey(
                                            file.toString(),
                                            number,
                                            text.substring(0, equals).strip(),
                                            text.substring(equals + 1).strip())));
        }
        return read;
    }

    private static boolean isComment(String line) {
        return line.isEmpty() || line.startsWith("#") || line.startsWith(";");
    }
}
