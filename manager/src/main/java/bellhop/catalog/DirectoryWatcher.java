package bellhop.catalog;

import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.linux.FileErrors;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has the kernel tell of changes in the directories of services, in each service directory there, and in what
 * leads to them. Where the kernel cannot, that is said once, and nothing is told. Confined to one thread.
 */
final class DirectoryWatcher implements AutoCloseable {

    private record WatchedDirectory(WatchKey key, Object inode) {}

    private final List<Path> roots;
    private final Consumer<Optional<ServiceName>> touched;
    private final Consumer<String> warn;
    private final Map<Path, WatchedDirectory> watched = new HashMap<>();
    private @Nullable WatchService service;
    private boolean isComplete = true;

    /**
     * Watches nothing yet.
     *
     * @param touched gets the name of a directory in which something may have changed; nothing if it may be any
     */
    DirectoryWatcher(
            List<Path> roots,
            Catalog.WatchServices services,
            Consumer<Optional<ServiceName>> touched,
            Consumer<String> warn) {
        this.roots = roots.stream().map(Path::toAbsolutePath).toList();
        this.touched = touched;
        this.warn = warn;
        try {
            service = services.open();
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private void giveUp(IOException e) {
        if (isComplete) {
            isComplete = false;
            warn.accept("not all service directories can be watched (" + FileErrors.of(e)
                    + "); changes there are found by polling every "
                    + Catalog.BETWEEN_SCANS.toSeconds() + " s");
        }
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
        if (service == null) {
            return;
        }
        try {
            Map<String, Object> now = Files.readAttributes(directory, "unix:dev,ino,isDirectory");
            WatchedDirectory before = watched.get(directory);
            if (Boolean.FALSE.equals(now.get("isDirectory")) || (before != null && before.inode.equals(now))) {
                return;
            }
            WatchKey key = directory.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_DELETE,
                    StandardWatchEventKinds.ENTRY_MODIFY);
            if (before != null && !before.key.equals(key)) {
                before.key.cancel();
            }
            watched.put(directory, new WatchedDirectory(key, now));
        } catch (NoSuchFileException | NotDirectoryException e) {
            forget(directory);
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private void forget(Path directory) {
        WatchedDirectory before = watched.remove(directory);
        if (before != null) {
            before.key.cancel();
        }
    }

    /** Waits until the kernel has told of something, or that many nanoseconds have passed. */
    void await(long nanos) throws InterruptedException {
        if (service == null) {
            TimeUnit.NANOSECONDS.sleep(nanos);
            return;
        }
        for (WatchKey key = service.poll(nanos, TimeUnit.NANOSECONDS); key != null; key = service.poll()) {
            Path directory = (Path) key.watchable();
            for (WatchEvent<?> event : key.pollEvents()) {
                tell(directory, event);
            }
            if (!key.reset()) {
                watched.remove(directory);
                tellOf(directory);
            }
        }
    }

    private void tell(Path directory, WatchEvent<?> event) {
        if (event.context() instanceof Path name) {
            Path parent = directory.getParent();
            boolean isService = parent != null && roots.contains(parent);
            if (!isService || DirectoryFingerprint.FILES.contains(name.toString())) {
                tellOf(isService ? directory : directory.resolve(name));
            }
        } else {
            touched.accept(Optional.empty());
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
            if (service != null) {
                service.close();
            }
        } catch (IOException e) {
            // It watches no more, and that is all that was wanted.
        }
    }
}
