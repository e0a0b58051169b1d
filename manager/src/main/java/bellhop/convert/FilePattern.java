package bellhop.convert;

import bellhop.definition.Quote;
import bellhop.linux.FileErrors;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/** Patterns of file names as glob(7) has them: {@code *}, {@code ?} and {@code [...]}, in directories, too. */
final class FilePattern {
    private FilePattern() {}

    /**
     * The regular files that a pattern matches, in the order of their names.
     *
     * @param file the file that has the pattern, to whose directory it is relative
     * @throws ImportException if a directory cannot be read
     */
    static List<Path> matches(Path file, String pattern) throws ImportException {
        List<Path> found = List.of(pattern.startsWith("/") ? Path.of("/") : file.resolveSibling(""));
        for (String name : pattern.split("/", -1)) {
            if (name.isEmpty()) {
                continue;
            }
            List<Path> next = new ArrayList<>();
            for (Path directory : found) {
                if (name.matches("[^*?\\[]*")) {
                    next.add(directory.resolve(name));
                } else if (Files.isDirectory(directory)) {
                    next.addAll(children(directory, name));
                }
            }
            found = next;
        }
        return found.stream().filter(Files::isRegularFile).toList();
    }

    private static List<Path> children(Path directory, String pattern) throws ImportException {
        try {
            // What Java's own patterns have in addition stands for itself.
            PathMatcher matcher = FileSystems.getDefault()
                    .getPathMatcher("glob:" + pattern.replace("\\", "\\\\").replaceAll("[{}]", "\\\\$0"));
            List<Path> children = new ArrayList<>();
            try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
                for (Path child : all) {
                    Path name = child.getFileName();
                    if (matcher.matches(name)
                            && (pattern.startsWith(".") || !name.toString().startsWith("."))) {
                        children.add(child);
                    }
                }
            }
            return children.stream().sorted().toList();
        } catch (PatternSyntaxException e) {
            return List.of();
        } catch (IOException e) {
            throw new ImportException(Quote.onOneLine(directory) + ": " + FileErrors.of(e));
        }
    }
}
