package bellhop.manager;

import bellhop.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The lines that managers wrote, one manager after the other. */
final class Transcript {

    private final List<String> lines = new ArrayList<>();

    /** Takes what comes, up to its end. */
    void take(BufferedReader output) {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until that many lines have this in them, and returns the last of these. */
    String await(String text, int times) {
        Await.until(
                () -> "the manager says \"" + text + "\": " + this,
                () -> with(text).size() >= times);
        return with(text).get(times - 1);
    }

    private List<String> with(String text) {
        synchronized (lines) {
            return lines.stream().filter(line -> line.contains(text)).toList();
        }
    }

    @Override
    public String toString() {
        synchronized (lines) {
            return String.join("\n", lines);
        }
    }
}
