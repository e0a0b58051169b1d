package bellhop.catalog;

import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.FileErrors;
import bellhop.linux.Inotify;
import bellhop.linux.PosixException;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has the kernel report changes in the directories of services, in each service directory there, and in what leads to
 * them. Where the kernel cannot, that is reported once. Confined to the thread of the loop.
 */
final class DirectoryWatcher implements AutoCloseable {

    private record WatchedDirectory(int watch, Object inode) {}

    private final List<Path> roots;
    private final Consumer<Optional<ServiceName>> touched;
    private final Consumer<String> warn;
    private final Map<Path, WatchedDirectory> watched = new HashMap<>();
    /** Two paths that lead to the same directory have one watch. */
    private final Map<Integer, Set<Path>> paths = new HashMap<>();

    private @Nullable Inotify inotify;
    private boolean isComplete = true;

    /**
     * Watches nothing yet.
     *
     * @param touched gets the name of a directory in which something may have changed; nothing if it may be any
     */
    DirectoryWatcher(
            EventLoop loop,
            List<Path> roots,
            Catalog.Watches watches,
            Consumer<Optional<ServiceName>> touched,
            Consumer<String> warn) {
        this.roots = roots.stream().map(Path::toAbsolutePath).toList();
        this.touched = touched;
        this.warn = warn;
        try {
            Inotify opened = watches.open();
            inotify = opened;
            var _ = loop.watch(opened.fd(), Epoll.IN, events -> receive(opened));
        } catch (IOException e) {
            giveUp(e);
        }
    }

    /** Whether the kernel reports changes in all of these directories. */
    boolean isComplete() {
        return isComplete;
    }

    private void giveUp(IOException e) {
        if (isComplete) {
            isComplete = false;
            warn.accept("not all service directories can be watched (" + reason(e)
                    + "); changes there are found by polling every "
                    + Catalog.BETWEEN_POLLS.toSeconds() + " s");
        }
    }

    /** The C library's words for it are about a disk. */
    private static String reason(IOException e) {
        return e instanceof PosixException posix && posix.errno() == Errno.ENOSPC
                ? "the limit fs.inotify.max_user_watches is reached"
                : FileErrors.of(e);
    }

    /** Watches all that is there now. */
    void watchAll() {
        for (Path root : roots) {
            for (Path above = root.getParent(); above != null; above = above.getParent()) {
                if (Files.isDirectory(above)) {
                    watch(above);
                    break;
                }
            }
            watch(root);
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
                for (Path entry : entries) {
                    watch(entry);
                }
            } catch (IOException | DirectoryIteratorException e) {
                // Whoever lists the directory says so.
            }
        }
        for (Path path : List.copyOf(watched.keySet())) {
            if (!Files.isDirectory(path)) {
                forget(path);
            }
        }
    }

    /** Watches the directories that may be a service's. */
    void watch(ServiceName name) {
        roots.forEach(root -> watch(root.resolve(name.toString())));
    }

    /** A directory that took another's place is another one, and the old watch is of no use. */
    private void watch(Path directory) {
        if (inotify == null) {
            return;
        }
        try {
            Map<String, Object> now = Files.readAttributes(directory, "unix:dev,ino,isDirectory");
            WatchedDirectory before = watched.get(directory);
            if (Boolean.FALSE.equals(now.get("isDirectory")) || (before != null && before.inode.equals(now))) {
                return;
            }
            forget(directory);
            int watch = inotify.watch(directory, isOfService(directory));
            watched.put(directory, new WatchedDirectory(watch, now));
            paths.computeIfAbsent(watch, it -> new HashSet<>()).add(directory);
        } catch (NoSuchFileException | NotDirectoryException e) {
            forget(directory);
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private boolean isOfService(Path directory) {
        Path parent = directory.getParent();
        return parent != null && roots.contains(parent);
    }

    private void forget(Path directory) {
        WatchedDirectory before = watched.remove(directory);
        if (before == null) {
            return;
        }
        Set<Path> others = paths.getOrDefault(before.watch, Set.of());
        others.remove(directory);
        if (others.isEmpty()) {
            paths.remove(before.watch);
            if (inotify != null) {
                inotify.unwatch(before.watch);
            }
        }
    }

    private void receive(Inotify from) {
        try {
            from.receive().forEach(this::take);
        } catch (PosixException e) {
            throw new IllegalStateException("changes of directories cannot be read", e);
        }
    }

    private void take(Inotify.DirectoryEvent event) {
        switch (event) {
            case Inotify.DirectoryEvent.Changed(int watch, String name) ->
                paths.getOrDefault(watch, Set.of()).forEach(directory -> tell(directory, name));
            case Inotify.DirectoryEvent.Ended(int watch) -> {
                Set<Path> gone = paths.remove(watch);
                if (gone != null) {
                    gone.forEach(watched::remove);
                    gone.forEach(this::tellOf);
                }
            }
            case Inotify.DirectoryEvent.Overflow _ -> {
                // That a watch has ended may be among what was lost.
                List.copyOf(watched.keySet()).forEach(this::forget);
                touched.accept(Optional.empty());
            }
        }
    }

    private void tell(Path directory, String name) {
        if (!isOfService(directory)) {
            try {
                tellOf(directory.resolve(name));
            } catch (InvalidPathException e) {
                touched.accept(Optional.empty()); // a name that this JVM's encoding does not have
            }
        } else if (name.isEmpty() || DirectoryFingerprint.counts(name)) {
            tellOf(directory);
        }
    }

    /** Something has happened to what stands there: a service directory, a directory of services, or what leads to one. */
    private void tellOf(Path path) {
        if (roots.stream().anyMatch(root -> root.startsWith(path))) {
            touched.accept(Optional.empty());
        } else if (roots.contains(path.getParent())) {
            try {
                touched.accept(Optional.of(ServiceName.parse(String.valueOf(path.getFileName()))));
            } catch (InvalidNameException e) {
                touched.accept(Optional.empty());
            }
        }
    }

    @Override
    public void close() {
        try {
            if (inotify != null) {
                inotify.close();
            }
        } catch (IOException e) {
            // It watches no more, and that is all that was wanted.
        }
    }
}
