package bellhop.catalog;

import bellhop.definition.InvalidNameException;
import bellhop.definition.Nearest;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.linux.Directories;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Services that are chosen for something by an empty file for each, in one directory. Nothing is kept, and each file comes
 * and goes at once; so this is usable from any thread and any process.
 */
public final class NameFiles {

    private final Path directory;
    private final TrustCheck trust;
    private final String chosen;
    private final String dropped;
    /** Whether services are chosen though others may change the directory: it is safer to start too few. */
    private final boolean holdsAnyway;

    private NameFiles(Path directory, TrustCheck trust, String chosen, String dropped, boolean holdsAnyway) {
        this.directory = directory.toAbsolutePath();
        this.trust = trust;
        this.chosen = chosen;
        this.dropped = dropped;
        this.holdsAnyway = holdsAnyway;
    }

    /** Those that are pinned when the manager starts on a fresh run dir; the directory need not be there. */
    public static NameFiles enabled(Path directory, TrustCheck trust) {
        return new NameFiles(directory, trust, "enabled", "disabled", false);
    }

    /** Those that nobody may start, a template for all its instances; the directory need not be there. */
    public static NameFiles masked(Path directory, TrustCheck trust) {
        return new NameFiles(directory, trust, "masked", "unmasked", true);
    }

    /** Whether there is the directory; without it no service is chosen, and none need be looked for. */
    public boolean isThere() {
        return Files.exists(directory);
    }

    /**
     * The name by which a service is chosen: its own, or that of its template; empty if it is not. Also in a directory
     * that others may change: what is masked there stays so.
     */
    public Optional<ServiceName> chooses(ServiceName name) {
        Optional<ServiceName> found = has(name) ? Optional.of(name) : Optional.empty();
        if (found.isEmpty() && name.target().isPresent()) {
            found = Optional.of(new ServiceName(name.template(), Optional.empty()))
                    .filter(this::has);
        }
        return found;
    }

    private boolean has(ServiceName name) {
        return Files.exists(directory.resolve(name.toString()), LinkOption.NOFOLLOW_LINKS);
    }

    /** The chosen services; who asks hears of what is not a name, and of a directory that may not be used. */
    public SortedSet<ServiceName> names(Consumer<String> problem) {
        SortedSet<ServiceName> names = new TreeSet<>();
        if (!Files.exists(directory)) {
            return names;
        }
        Optional<String> wrong = trust.whatIsWrongWith(directory);
        if (wrong.isPresent() && !holdsAnyway) {
            problem.accept("nothing counts as " + chosen + ": " + wrong.get());
            return names;
        }
        wrong.ifPresent(why -> problem.accept("others may say what is " + chosen + ": " + why));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String text = String.valueOf(file.getFileName());
                try {
                    if (!text.startsWith(".")) {
                        names.add(ServiceName.parse(text));
                    }
                } catch (InvalidNameException e) {
                    problem.accept(Quote.onOneLine(file) + ": ignored: " + e.getMessage());
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            IOException why = e instanceof IOException io ? io : (IOException) Objects.requireNonNull(e.getCause());
            problem.accept("the " + chosen + " services cannot be read: " + Quote.onOneLine(FileErrors.withFile(why)));
        }
        return names;
    }

    /** Chooses services. Returns what went wrong, a line each. */
    public List<String> add(List<ServiceName> names) {
        try {
            Directories.makeAll(directory, 0755);
        } catch (IOException e) {
            return List.of(Quote.onOneLine(directory) + ": cannot be made: " + FileErrors.of(e));
        }
        Optional<String> wrong = trust.whatIsWrongWith(directory);
        if (wrong.isPresent()) {
            return List.of(wrong.get());
        }
        List<String> wrongs = names.stream().flatMap(name -> add(name).stream()).toList();
        sync();
        return wrongs;
    }

    /** So that it outlives a power cut from now on. Not every file system can; then it does a little later. */
    private void sync() {
        try {
            int fd = Fd.open(directory, Fd.O_RDONLY | Fd.O_DIRECTORY, 0);
            try {
                Fd.fsync(fd);
            } finally {
                Fd.close(fd);
            }
        } catch (IOException e) {
            // It is done all the same.
        }
    }

    private Optional<String> add(ServiceName name) {
        Path file = directory.resolve(name.toString());
        try {
            Files.createFile(file);
            Fd.chmod(file, 0644);
        } catch (FileAlreadyExistsException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(name + ": cannot be " + chosen + ": " + Quote.onOneLine(file) + ": " + FileErrors.of(e));
        }
        return Optional.empty();
    }

    /**
     * Drops services.
     *
     * @param note gets a line for each that was not chosen
     * @return what went wrong, a line each
     */
    public List<String> remove(List<ServiceName> names, Consumer<String> note) {
        List<String> wrongs =
                names.stream().flatMap(name -> remove(name, note).stream()).toList();
        sync();
        return wrongs;
    }

    private Optional<String> remove(ServiceName name, Consumer<String> note) {
        Path file = directory.resolve(name.toString());
        try {
            Files.delete(file);
        } catch (NoSuchFileException e) {
            List<String> there =
                    names(problem -> {}).stream().map(ServiceName::toString).toList();
            note.accept(name + ": was not " + chosen + Nearest.hint(name.toString(), there));
        } catch (IOException e) {
            return Optional.of(
                    name + ": cannot be " + dropped + ": " + Quote.onOneLine(file) + ": " + FileErrors.of(e));
        }
        return Optional.empty();
    }
}
