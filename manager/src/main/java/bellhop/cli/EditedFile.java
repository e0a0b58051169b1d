package bellhop.cli;

import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.ServiceDirectories.Location;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.linux.Fd;
import bellhop.linux.Stat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file that {@code bh edit} changes. What is not in the first directory of services belongs to somebody else, such as
 * a package, and is changed by an override in the first.
 */
final class EditedFile {

    static final String SETTINGS = ServiceDirectories.YAML;
    private static final List<String> SCRIPTS = List.of("pre", "run", "post");
    private static final int MOST_LINES = 200;

    private final Path root;
    private final Path path;
    /** What is in it; null if it is not there. */
    private final byte @Nullable [] before;

    private final byte[] start;
    private final int mode;

    private EditedFile(Path root, Path path, byte @Nullable [] before, byte[] start, int mode) {
        this.root = root;
        this.path = path;
        this.before = before;
        this.start = start;
        this.mode = mode;
    }

    /** The first directory of services. */
    Path root() {
        return root;
    }

    /** The file, in the directory of the service there. */
    Path path() {
        return path;
    }

    /** What the editor shows. */
    byte[] start() {
        return start;
    }

    /** Finds it, or says why there is none to change. */
    static Optional<EditedFile> find(ServiceName service, String which, LocalVerb.Here here) throws IOException {
        if (!which.equals(SETTINGS) && !which.equals(ServiceDirectories.OVERRIDE) && !SCRIPTS.contains(which)) {
            here.err().accept(Quote.of(which) + " is no file of a service; expected service.yaml, pre, run or post");
            return Optional.empty();
        }
        Path root = here.directories().roots().getFirst();
        Path own = root.resolve(service.toString());
        Optional<Location> location = here.directories().location(service);
        if (location.isEmpty() && !Files.isDirectory(own)) {
            here.directories().find(service).whyNot().forEach(here.err());
            return Optional.empty();
        }
        boolean isOwn = location.map(it -> it.directory().equals(own)).orElse(true)
                && !(which.equals(SETTINGS) && isOverlay(own));
        if (isOwn || which.equals(ServiceDirectories.OVERRIDE)) {
            return Optional.of(of(root, own.resolve(which), which));
        }
        Path vendor = location.map(Location::directory).orElse(own);
        if (!which.equals(SETTINGS)) {
            here.err()
                    .accept(service + ": " + which + " is in " + Quote.onOneLine(vendor)
                            + ", and an override changes keys alone; for a script of your own, copy the directory to "
                            + Quote.onOneLine(root));
            return Optional.empty();
        }
        Path override = own.resolve(ServiceDirectories.OVERRIDE);
        EditedFile file = of(root, override, ServiceDirectories.OVERRIDE);
        return Optional.of(
                file.before == null ? new EditedFile(root, override, null, template(vendor), file.mode) : file);
    }

    private static boolean isOverlay(Path directory) {
        return Files.exists(directory.resolve(ServiceDirectories.OVERRIDE))
                && !Files.exists(directory.resolve(SETTINGS))
                && SCRIPTS.stream().noneMatch(script -> Files.exists(directory.resolve(script)));
    }

    private static EditedFile of(Path root, Path path, String which) throws IOException {
        boolean isScript = SCRIPTS.contains(which);
        try {
            byte[] content = Files.readAllBytes(path);
            return new EditedFile(root, path, content, content, Fd.stat(path).permissions());
        } catch (NoSuchFileException e) {
            String start = isScript ? "#!/bin/sh\n" : "";
            return new EditedFile(root, path, null, start.getBytes(StandardCharsets.UTF_8), isScript ? 0755 : 0644);
        }
    }

    /** Names the keys that there are to change. */
    private static byte[] template(Path vendor) throws IOException {
        Path yaml = vendor.resolve(SETTINGS);
        StringBuilder text = new StringBuilder();
        text.append("# Changes single keys of ").append(Quote.onOneLine(vendor)).append(":\n");
        text.append("# what is not here is as it is there. KEY: ~ takes a key back to its default;\n");
        text.append("# service.yaml(5) has all keys.\n#\n");
        if (Files.exists(yaml)) {
            List<String> lines = new String(Files.readAllBytes(yaml), StandardCharsets.UTF_8)
                    .lines()
                    .limit(MOST_LINES)
                    .toList();
            lines.forEach(
                    line -> text.append("#   ").append(Quote.onLines(line)).append('\n'));
        } else {
            text.append("# There is no service.yaml: each key has its default.\n");
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    boolean isScript() {
        return SCRIPTS.contains(String.valueOf(path.getFileName()));
    }

    /**
     * Puts another content in its place at once, with the same owner and permissions.
     *
     * @throws FileSystemException if somebody else changed it since it was found
     */
    void replace(byte[] content) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        if (!isAsBefore() || directory == null) {
            throw new FileSystemException(path.toString(), null, "was changed meanwhile");
        }
        if (before == null && !Files.isDirectory(directory)) {
            String name = String.valueOf(directory.getFileName());
            try (StagedDirectory staged = StagedDirectory.in(root, name)) {
                staged.write(String.valueOf(path.getFileName()), mode, new String(content, StandardCharsets.UTF_8));
                staged.publish(directory);
            }
            return;
        }
        // A link stays, and what it leads to is replaced.
        Path file = before == null ? path : path.toRealPath();
        Path fresh = file.resolveSibling(
                "." + file.getFileName() + ".new-" + ProcessHandle.current().pid());
        Files.deleteIfExists(fresh);
        try {
            Optional<Stat> owner = before == null ? Optional.empty() : Optional.of(Fd.stat(file));
            StagedDirectory.write(fresh, mode, owner, content);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private boolean isAsBefore() throws IOException {
        return before == null
                ? !Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                : Files.exists(path) && Arrays.equals(before, Files.readAllBytes(path));
    }
}
