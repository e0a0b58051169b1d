package bellhop.definition;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody who mistyped a word probably meant. */
public final class Nearest {
    private static final int LONGEST = 40;

    private Nearest() {}

    /** The valid word that is the fewest slips away from the typed one: at most one slip in three letters. */
    public static Optional<String> to(String typed, Collection<String> valid) {
        if (typed.length() > LONGEST) {
            return Optional.empty();
        }
        String nearest = null;
        int fewest = Integer.MAX_VALUE;
        for (String word : valid) {
            int slips = slips(typed.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
            if (slips < fewest && slips * 3 <= Math.max(typed.length(), word.length())) {
                nearest = word;
                fewest = slips;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** {@code ; did you mean "always"?}, or nothing where no valid word is near. */
    public static String hint(String typed, Collection<String> valid) {
        return hint(typed, valid, "");
    }

    /** As the other, with what is always written before the word that is told. */
    public static String hint(String typed, Collection<String> valid, String before) {
        return to(typed, valid)
                .map(word -> "; did you mean \"" + before + word + "\"?")
                .orElse("");
    }

    /** How many letters were left out, added, changed or swapped with their neighbour. */
    private static int slips(String a, String b) {
        int[][] slips = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                slips[i][j] = i == 0 || j == 0 ? i + j : slips(a, b, slips, i, j);
            }
        }
        return slips[a.length()][b.length()];
    }

    private static int slips(String a, String b, int[][] slips, int i, int j) {
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int fewest = Math.min(slips[i - 1][j - 1] + same, 1 + Math.min(slips[i - 1][j], slips[i][j - 1]));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(fewest, slips[i - 2][j - 2] + 1) : fewest;
    }
}
