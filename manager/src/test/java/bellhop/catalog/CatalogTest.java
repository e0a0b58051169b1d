package bellhop.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.ServiceWriter;
import bellhop.catalog.Catalog.Change;
import bellhop.catalog.Catalog.ChangeKind;
import bellhop.definition.ServiceName;
import bellhop.linux.Inotify;
import bellhop.linux.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CatalogTest {

    @TempDir
    Path folder;

    private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();

    private final List<Throwable> inside = Collections.synchronizedList(new ArrayList<>());

    private Catalog catalog(Catalog.Watches watches) throws PosixException {
        return catalog(ServiceDirectories.named(List.of(folder)), watches);
    }

    private Catalog catalog(ServiceDirectories directories, Catalog.Watches watches) throws PosixException {
        return new Catalog(
                directories,
                new Catalog.Observer() {
                    @Override
                    public void complete() {}

                    @Override
                    public void changed(List<Change> some) {
                        changes.addAll(some);
                        if (!inside.isEmpty() && inside.removeFirst() instanceof Error error) {
                            throw error;
                        }
                    }

                    @Override
                    public void warn(String line) {
                        warnings.add(line);
                    }
                },
                watches,
                Duration.ofMillis(50));
    }

    private void service(String name, String text) {
        ServiceWriter.write(folder.resolve(name + "/run"), true, ServiceWriter.shell(text));
    }

    private void awaitChange(ChangeKind kind, String name) throws InterruptedException {
        Change change = changes.poll(30, TimeUnit.SECONDS);
        assertThat(change).isNotNull();
        assertThat(change.kind()).isEqualTo(kind);
        assertThat(change.name()).hasToString(name);
    }

    @Test
    void whereTheKernelTellsNothingALookFindsAllTheSame() throws Exception {
        try (Catalog catalog = catalog(() -> {
            throw new IOException("User limit of inotify instances reached or too many open files");
        })) {
            catalog.start();
            assertThat(warnings.poll(30, TimeUnit.SECONDS)).contains("can be watched (User limit of inotify instances");
            catalog.reload().get(30, TimeUnit.SECONDS);
            service("web", "exit 0");
            awaitChange(ChangeKind.ADDED, "web");
            service("web", "exit 1");
            awaitChange(ChangeKind.CHANGED, "web");
            Files.writeString(folder.resolve("web/service.yaml"), "restrat: no\n");
            awaitChange(ChangeKind.UNUSABLE, "web");
            Files.delete(folder.resolve("web/service.yaml"));
            awaitChange(ChangeKind.CHANGED, "web");
            Files.move(folder.resolve("web"), folder.resolve(".web"));
            awaitChange(ChangeKind.REMOVED, "web");
            assertThat(changes).isEmpty();
            assertThat(warnings).isEmpty();
        }
    }

    @Test
    void anErrorInsideIsToldAndTheNextChangeIsSeen() throws Exception {
        try (Catalog catalog = catalog(Inotify::open)) {
            catalog.start();
            catalog.reload().get(30, TimeUnit.SECONDS);
            inside.add(new NoClassDefFoundError("bellhop/Gone"));
            service("web", "exit 0");
            awaitChange(ChangeKind.ADDED, "web");
            assertThat(warnings.poll(30, TimeUnit.SECONDS))
                    .isEqualTo("internal error at the definitions: java.lang.NoClassDefFoundError: bellhop/Gone");
            service("db", "exit 0");
            awaitChange(ChangeKind.ADDED, "db");
            assertThat(warnings).isEmpty();
        }
    }

    @Test
    void whatWasReadFirstIsInMemoryOnceHoweverOftenItIsRead() throws Exception {
        service("web", "exit 0");
        ServiceName web = ServiceName.parse("web");
        try (Catalog catalog = catalog(Inotify::open)) {
            Finding first = catalog.readFirst(web, new ServiceReader(catalog.directories()));
            assertThat(first.isSound()).isTrue();
            catalog.start();
            catalog.reload().get(30, TimeUnit.SECONDS);

            assertThat(catalog.known(web)).containsSame(first);
            assertThat(catalog.read(List.of(web)).get(30, TimeUnit.SECONDS).asked())
                    .hasEntrySatisfying(web, again -> assertThat(again).isSameAs(first));
            assertThat(changes).isEmpty();
        }
    }

    @Test
    void aChangeSinceItWasReadFirstIsReported() throws Exception {
        service("web", "exit 0");
        try (Catalog catalog = catalog(Inotify::open)) {
            catalog.readFirst(ServiceName.parse("web"), new ServiceReader(catalog.directories()));
            service("web", "exit 100"); // of another length, as two changes may have the same time
            catalog.start();
            awaitChange(ChangeKind.CHANGED, "web");
        }
    }

    @Test
    void whatCannotBeUsedWhenItIsReadFirstIsReadAgainAndReported() throws Exception {
        service("web", "exit 0");
        Files.writeString(folder.resolve("web/service.yaml"), "restrat: no\n");
        try (Catalog catalog = catalog(Inotify::open)) {
            catalog.readFirst(ServiceName.parse("web"), new ServiceReader(catalog.directories()));
            catalog.start();
            awaitChange(ChangeKind.UNUSABLE, "web");
        }
    }

    @Test
    void whatIsMissingElsewhereIsLookedForAgain() throws Exception {
        Path program = folder.resolveSibling(folder.getFileName() + "-program");
        Files.createDirectory(folder.resolve("web"));
        Files.writeString(folder.resolve("web/service.yaml"), "command: [" + program + "]\n");
        try (Catalog catalog = catalog(Inotify::open)) {
            catalog.start();
            awaitChange(ChangeKind.UNUSABLE, "web");
            ServiceWriter.write(program, true, "#!/bin/sh\n");
            awaitChange(ChangeKind.CHANGED, "web");
        } finally {
            Files.deleteIfExists(program);
        }
    }

    @Test
    void aThousandDirectoriesAreLookedAtInLittleTime() throws Exception {
        for (int i = 0; i < 1000; i++) {
            service("s" + i, "exit 0");
            Files.writeString(folder.resolve("s" + i + "/service.yaml"), "stop_grace_period: " + (1 + i % 9) + "s\n");
        }
        try (Catalog catalog = catalog(Inotify::open)) {
            for (int round = 0; round < 5; round++) {
                long start = System.nanoTime();
                catalog.scanNow();
                long stop = System.nanoTime();
                System.out.printf("look at 1,000 directories, round %d: %d ms%n", round, (stop - start) / 1_000_000);
            }
            assertThat(catalog.known(ServiceName.parse("s999"))).isPresent();
        }
    }

    @Test
    void overlayAndWhatIsBelowItAreBothWatched() throws Exception {
        Path own = Files.createDirectory(folder.resolve("own"));
        Path vendor = Files.createDirectory(folder.resolve("vendor"));
        Path override = own.resolve("web/override.yaml");
        ServiceWriter.write(vendor.resolve("web/run"), true, ServiceWriter.shell("exit 0"));
        ServiceWriter.write(vendor.resolve("tty/service.yaml"), false, "command: sleep {target}\n");
        ServiceWriter.write(own.resolve("tty@1/override.yaml"), false, "nice: 1\n");
        try (Catalog catalog = catalog(ServiceDirectories.named(List.of(own, vendor)), Inotify::open)) {
            catalog.start();
            catalog.reload().get(30, TimeUnit.SECONDS);

            ServiceWriter.write(override, false, "nice: 1\n");
            awaitChange(ChangeKind.CHANGED, "web");
            ServiceWriter.write(override, false, "nice: 10\n");
            awaitChange(ChangeKind.CHANGED, "web");
            ServiceWriter.write(vendor.resolve("web/service.yaml"), false, "linger: 1s\n");
            awaitChange(ChangeKind.CHANGED, "web");
            Files.delete(override);
            Files.delete(override.getParent());
            awaitChange(ChangeKind.CHANGED, "web");
            ServiceWriter.write(vendor.resolve("tty/service.yaml"), false, "command: sleep 1{target}\n");
            awaitChange(ChangeKind.CHANGED, "tty");
            awaitChange(ChangeKind.CHANGED, "tty@1");
            ServiceWriter.write(own.resolve("lost/override.yaml"), false, "nice: 1\n");
            awaitChange(ChangeKind.UNUSABLE, "lost");
        }
    }
}
