package bellhop.vm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** What was plugged, what followed and when: gathered from all tests, and written down at their end. */
public final class Figures implements LauncherSessionListener {

    private static final Path PAGE = Path.of("target", "hardware.md");
    private static final Map<Row, List<Double>> SECONDS = new TreeMap<>();

    private record Row(String what, int step, String followed) implements Comparable<Row> {
        @Override
        public int compareTo(Row other) {
            int byWhat = what.compareTo(other.what);
            int byStep = byWhat != 0 ? byWhat : Integer.compare(step, other.step);
            return byStep != 0 ? byStep : followed.compareTo(other.followed);
        }
    }

    /**
     * Notes one.
     *
     * @param what what was done
     * @param step where it stands among what followed
     * @param seconds by the guest's clock
     */
    static synchronized void add(String what, int step, String followed, double seconds) {
        SECONDS.computeIfAbsent(new Row(what, step, followed), row -> new ArrayList<>())
                .add(seconds);
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        write();
    }

    private static synchronized void write() {
        if (SECONDS.isEmpty()) {
            return;
        }
        String rows = SECONDS.entrySet().stream()
                .map(entry -> "| %s | %s | %s |"
                        .formatted(entry.getKey().what(), entry.getKey().followed(), seconds(entry.getValue())))
                .collect(Collectors.joining("\n"));
        try (InputStream head = Objects.requireNonNull(Figures.class.getResourceAsStream("/hardware.md"))) {
            String page = new String(head.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@DATE@", LocalDate.now(ZoneOffset.UTC).toString())
                    .replace(
                            "@KERNEL@",
                            Files.readString(Guest.MADE.resolve("version")).strip())
                    .replace("@CORES@", String.valueOf(Runtime.getRuntime().availableProcessors()))
                    .replace("@ROWS@", rows);
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String seconds(List<Double> all) {
        return all.stream().map(it -> String.format(Locale.ROOT, "%.2f", it)).collect(Collectors.joining(", "));
    }
}
