package bellhop.convert;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What became of each key of the files that are imported. No key is lost without a line: a reader asks {@link #isTold}
 * for those that it did not look at.
 */
public final class ImportReport {

    /** What became of a key; the worst is last, since that is where a reader of the report looks first. */
    enum Fate {
        CARRIED("carried over", "carried over"),
        OTHERWISE("behaves otherwise", "otherwise"),
        LOST("not carried over", "not carried over"),
        /** Without it the service cannot be used as it was made. */
        ESSENTIAL("change this before the first start", "to change");

        private final String title;
        private final String counted;

        Fate(String title, String counted) {
            this.title = title;
            this.counted = counted;
        }
    }

    private record Remark(SourceKey key, Fate fate, String text) {}

    private static final Comparator<Remark> BY_PLACE =
            Comparator.comparing((Remark remark) -> remark.key.file()).thenComparingInt(remark -> remark.key.line());

    private final List<Remark> remarks = new ArrayList<>();
    private final Set<SourceKey> told = new HashSet<>();
    private final List<String> advice = new ArrayList<>();

    private void add(SourceKey key, Fate fate, String text) {
        told.add(key);
        Remark remark = new Remark(key, fate, text);
        if (!remarks.contains(remark)) {
            remarks.add(remark);
        }
    }

    /** It has the same meaning in the service that was made. */
    void carried(SourceKey key, String as) {
        add(key, Fate.CARRIED, as);
    }

    /** It was carried over, with a difference. */
    void otherwise(SourceKey key, String how) {
        add(key, Fate.OTHERWISE, how);
    }

    /** It has no effect any more. */
    void lost(SourceKey key, String why) {
        add(key, Fate.LOST, why);
    }

    /** It has no effect any more, and the service cannot do without. */
    void essential(SourceKey key, String why) {
        add(key, Fate.ESSENTIAL, why);
    }

    boolean isTold(SourceKey key) {
        return told.contains(key);
    }

    /** What to do next, as a line of its own. */
    void advise(String line) {
        if (!advice.contains(line)) {
            advice.add(line);
        }
    }

    /** Whether something is missing that a service needs. */
    boolean lacksEssentials() {
        return remarks.stream().anyMatch(remark -> remark.fate == Fate.ESSENTIAL);
    }

    /** The report: each class with its lines, then what to do next, and the numbers. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        List<String> counts = new ArrayList<>();
        for (Fate fate : Fate.values()) {
            List<Remark> ofFate = remarks.stream()
                    .filter(remark -> remark.fate == fate)
                    .sorted(BY_PLACE)
                    .toList();
            if (!ofFate.isEmpty()) {
                lines.add(fate.title + ":");
                ofFate.forEach(remark -> lines.add("  " + remark.key + ": " + remark.text));
            }
            if (!ofFate.isEmpty() || fate != Fate.ESSENTIAL) {
                counts.add(ofFate.size() + " " + fate.counted);
            }
        }
        lines.addAll(advice);
        lines.add(String.join(", ", counts));
        return lines;
    }
}
