package bellhop.spi.testkit;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bellhop.spi.Settings;
import bellhop.spi.Target;
import bellhop.spi.Trigger;
import bellhop.spi.TriggerPlugin;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * What every trigger has to keep to. Extend it in your plugin's tests, and say how your devices are plugged in:
 * JUnit finds the tests by itself.
 */
public abstract class TriggerContract {
    private static final int SCANNED = 10_000;
    private static final int SCANS = 30;
    private static final int OPENED = 100;
    private static final Duration SCAN_LIMIT = Duration.ofMillis(100);

    @TempDir(factory = InMemory.class)
    Path folder;

    private FakeSysfs sysfs;

    /** As sysfs is: ten thousand devices on a disk take their time. */
    static final class InMemory implements TempDirFactory {
        private static final Path MEMORY = Path.of("/dev/shm");

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            String prefix = "bellhop-sysfs";
            return Files.isWritable(MEMORY)
                    ? Files.createTempDirectory(MEMORY, prefix)
                    : Files.createTempDirectory(prefix);
        }
    }

    /** The plugin, a new one. */
    protected abstract TriggerPlugin plugin();

    /** Settings with which the plugin finds what {@link #plugIn} adds; none by default. */
    protected Settings settings() {
        return SettingsOf.nothing();
    }

    /**
     * Adds a device that the plugin finds.
     *
     * @param number 0 or 1: which of two, always in the same place
     * @return the name of the target
     */
    protected abstract String plugIn(FakeSysfs devices, int number);

    /** Removes a device that was added. */
    protected abstract void pullOut(FakeSysfs devices, int number);

    /** Adds a device that can be seen and not be read, as one that is just going. */
    protected abstract void plugInUnreadable(FakeSysfs devices);

    /**
     * Adds a device that the plugin looks at and does not take.
     *
     * @param number from 0 on
     */
    protected abstract void plugInOther(FakeSysfs devices, int number);

    @BeforeEach
    final void emptySysfs() {
        sysfs = new FakeSysfs(folder);
    }

    private Trigger open() {
        return plugin().open(settings(), new FakeHost(sysfs));
    }

    private static Set<String> names(Set<Target> targets) {
        return targets.stream().map(Target::name).collect(Collectors.toSet());
    }

    @Test
    void theNameIsOneAndStaysTheSame() {
        TriggerPlugin plugin = plugin();
        assertTrue(plugin.name().matches("[a-z][a-z0-9-]{0,31}"), plugin.name());
        assertEquals(plugin.name(), plugin.name());
    }

    @Test
    void theServiceLoaderFindsThePlugin() {
        String type = plugin().getClass().getName();
        assertTrue(
                ServiceLoader.load(TriggerPlugin.class, plugin().getClass().getClassLoader()).stream()
                        .anyMatch(provider -> provider.type().getName().equals(type)),
                "META-INF/services/" + TriggerPlugin.class.getName() + " does not name " + type);
    }

    @Test
    void nothingIsFoundWhereNothingIs() throws IOException {
        try (Trigger trigger = open()) {
            assertEquals(Set.of(), trigger.present());
        }
    }

    @Test
    void nothingIsFoundWhereThereIsNoSysfsAtAll() throws IOException {
        try (Trigger trigger = plugin().open(settings(), new FakeHost(folder.resolve("nowhere")))) {
            assertEquals(Set.of(), trigger.present());
        }
    }

    @Test
    void openingLooksAtNoHardware() throws IOException {
        plugin().open(settings(), new FakeHost(folder.resolve("nowhere"))).close();
        plugIn(sysfs, 0);
        try (Trigger trigger = open()) {
            pullOut(sysfs, 0);
            assertEquals(Set.of(), trigger.present());
        }
    }

    @Test
    void whatWasThereBeforeIsFound() throws IOException {
        Set<String> expected = Set.of(plugIn(sysfs, 0), plugIn(sysfs, 1));
        try (Trigger trigger = open()) {
            assertEquals(expected, names(trigger.present()));
        }
    }

    @Test
    void whatComesLaterIsFound() throws IOException {
        try (Trigger trigger = open()) {
            trigger.present();
            assertEquals(Set.of(plugIn(sysfs, 0)), names(trigger.present()));
        }
    }

    @Test
    void theSameDevicesGiveTheSameAnswer() throws IOException {
        plugIn(sysfs, 0);
        plugIn(sysfs, 1);
        plugInOther(sysfs, 0);
        try (Trigger trigger = open();
                Trigger another = open()) {
            Set<Target> first = Set.copyOf(trigger.present());
            assertEquals(first, trigger.present());
            assertEquals(first, another.present());
        }
    }

    @Test
    void removalIsSeen() throws IOException {
        String stays = plugIn(sysfs, 1);
        plugIn(sysfs, 0);
        try (Trigger trigger = open()) {
            assertEquals(2, trigger.present().size());
            pullOut(sysfs, 0);
            assertEquals(Set.of(stays), names(trigger.present()));
        }
    }

    @Test
    void aDevicePluggedInAgainIsAnotherOne() throws IOException {
        plugIn(sysfs, 0);
        try (Trigger trigger = open()) {
            Target before = trigger.present().iterator().next();
            pullOut(sysfs, 0);
            plugIn(sysfs, 0);
            Target after = trigger.present().iterator().next();
            assertEquals(before.name(), after.name());
            assertNotEquals(before.identity(), after.identity());
        }
    }

    @Test
    void whatCannotBeReadIsSkipped() throws IOException {
        String readable = plugIn(sysfs, 0);
        plugInUnreadable(sysfs);
        try (Trigger trigger = open()) {
            assertTrue(names(trigger.present()).contains(readable));
        }
    }

    @Test
    void whatIsNoneOfItsDevicesIsNotTaken() throws IOException {
        plugInOther(sysfs, 0);
        try (Trigger trigger = open()) {
            assertEquals(Set.of(), trigger.present());
        }
    }

    @Test
    void namesAndFactsAreThoseThatTheManagerTakes() throws IOException {
        plugIn(sysfs, 0);
        try (Trigger trigger = open()) {
            Target target = trigger.present().iterator().next();
            assertTrue(target.name().matches("[^/\\s\\p{Cntrl}-][^/\\s\\p{Cntrl}]*"), target.name());
            assertTrue(target.name().getBytes(StandardCharsets.UTF_8).length <= 128, target.name());
            int size = 0;
            for (Map.Entry<String, String> fact : target.facts().entrySet()) {
                assertTrue(fact.getKey().matches("[A-Z][A-Z0-9_]*"), fact.getKey());
                assertTrue(fact.getValue().indexOf('\0') < 0 && fact.getValue().indexOf('\n') < 0, fact.toString());
                size += fact.toString().getBytes(StandardCharsets.UTF_8).length;
            }
            assertTrue(size <= 4096, "the facts have " + size + " bytes");
        }
    }

    @Test
    void anAnswerDoesNotChangeAfterwards() throws IOException {
        plugIn(sysfs, 0);
        try (Trigger trigger = open()) {
            Set<Target> answer = trigger.present();
            Set<Target> copy = Set.copyOf(answer);
            pullOut(sysfs, 0);
            trigger.present();
            assertEquals(copy, answer);
        }
    }

    @Test
    void closeTwiceIsAsGoodAsOnce() throws IOException {
        plugIn(sysfs, 0);
        Trigger trigger = open();
        trigger.present();
        trigger.close();
        trigger.close();
    }

    @Test
    void tenThousandEntriesTakeUnderATenthOfASecond() throws IOException {
        for (int i = 0; i < SCANNED; i++) {
            plugInOther(sysfs, i);
        }
        plugIn(sysfs, 0);
        try (Trigger trigger = open()) {
            // The thread's own time, and the best of several: what else the machine does is not the plugin's fault.
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            Duration best = Duration.ofDays(1);
            for (int run = 0; run < SCANS && best.compareTo(SCAN_LIMIT) >= 0; run++) {
                long begin = threads.getCurrentThreadCpuTime();
                assertEquals(1, trigger.present().size());
                Duration taken = Duration.ofNanos(threads.getCurrentThreadCpuTime() - begin);
                best = taken.compareTo(best) < 0 ? taken : best;
            }
            assertTrue(best.compareTo(SCAN_LIMIT) < 0, "the fastest of " + SCANS + " scans took " + best);
        }
    }

    @Test
    void noDescriptorAndNoThreadIsLeft() throws Exception {
        plugIn(sysfs, 0);
        plugInOther(sysfs, 0);
        plugInUnreadable(sysfs);
        open().close();
        Set<Thread> threads = Thread.getAllStackTraces().keySet();
        long before = descriptors();
        for (int i = 0; i < OPENED; i++) {
            try (Trigger trigger = open()) {
                trigger.present();
                trigger.present();
            }
        }
        long left = descriptors() - before;
        Set<Thread> more = new HashSet<>(Thread.getAllStackTraces().keySet());
        more.removeAll(threads);
        more.removeIf(thread ->
                thread.getThreadGroup() == null || thread.getThreadGroup().getParent() == null);
        for (Thread thread : more) {
            thread.join(5000);
        }
        assertAll(
                // Others in this JVM may have opened one or two.
                () -> assertTrue(left < OPENED / 2, left + " descriptors after " + OPENED + " triggers were closed"),
                () -> assertTrue(more.stream().noneMatch(Thread::isAlive), () -> "still running: " + more));
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
