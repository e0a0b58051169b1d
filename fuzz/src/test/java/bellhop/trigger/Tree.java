package bellhop.trigger;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A sysfs of any content, written from a text: a line {@code d PATH} makes a folder, {@code f PATH CONTENT} a file,
 * {@code l PATH TARGET} a link. What cannot be made is left out. No link leads out of the tree but to {@code /}, and
 * nothing is written through one.
 */
final class Tree implements AutoCloseable {
    private static final int MOST_LINES = 60;

    private final Path root;

    Tree(byte[] text) throws IOException {
        root = Files.createTempDirectory("fuzz").toRealPath();
        String lines = new String(text, StandardCharsets.UTF_8);
        for (String line : lines.lines().limit(MOST_LINES).toList()) {
            try {
                make(line);
            } catch (IOException | InvalidPathException e) {
                // No such file is possible.
            }
        }
    }

    Path root() {
        return root;
    }

    private void make(String line) throws IOException {
        String[] words = line.split(" ", 3);
        if (words.length < 2) {
            return;
        }
        Path path = inside(root, words[1]);
        String rest = words.length < 3 ? "" : words[2];
        Path parent = path.getParent();
        if (path.equals(root) || parent == null) {
            return;
        }
        if (Files.notExists(parent)) {
            Files.createDirectories(parent);
        }
        if (!parent.toRealPath().startsWith(root)) {
            return;
        }
        switch (words[0]) {
            case "d" -> Files.createDirectory(path);
            case "f" -> {
                Files.createFile(path); // not through a link, nor to one that is there
                Files.write(path, (rest.replace('|', '\n') + "\n").getBytes(StandardCharsets.UTF_8));
            }
            case "l" -> Files.createSymbolicLink(path, rest.equals("/") ? Path.of("/") : inside(parent, rest));
            default -> {
                // no line of a tree
            }
        }
    }

    /** A path without links and dots on the way to it, in the tree. */
    private Path inside(Path from, String text) {
        String relative = text.startsWith("/") ? root + text : text;
        Path path = from.resolve(relative).normalize();
        return path.startsWith(root)
                ? path
                : root.resolve(path.getFileName() == null ? Path.of("") : path.getFileName());
    }

    @Override
    public void close() throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, java.io.IOException problem) throws IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
