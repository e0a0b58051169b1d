package bellhop.spi.testkit;

import bellhop.spi.Host;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A host that remembers what it was told. */
public final class FakeHost implements Host {
    private final Path sysfs;
    private final Set<String> subsystems = Collections.synchronizedSet(new TreeSet<>());
    private volatile boolean keepsPolling;
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    /** Offers this sysfs, and an interval of a second. */
    public FakeHost(FakeSysfs sysfs) {
        this(sysfs.root());
    }

    /** Offers a sysfs of another make. */
    public FakeHost(Path sysfs) {
        this.sysfs = sysfs;
    }

    @Override
    public Path sysfs() {
        return sysfs;
    }

    @Override
    public Duration interval() {
        return Duration.ofSeconds(1);
    }

    @Override
    public void wakeOn(String... names) {
        Collections.addAll(subsystems, names);
    }

    @Override
    public void keepPolling() {
        keepsPolling = true;
    }

    @Override
    public void log(String line) {
        lines.add(line);
    }

    /** The subsystems whose events were asked for. */
    public Set<String> subsystems() {
        return Set.copyOf(subsystems);
    }

    /** Whether it is to look each interval in spite of events. */
    public boolean keepsPolling() {
        return keepsPolling;
    }

    /** The lines that were written, oldest first. */
    public List<String> lines() {
        return List.copyOf(lines);
    }
}
