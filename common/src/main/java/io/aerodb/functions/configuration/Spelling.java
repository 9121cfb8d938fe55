package io.aerodb.functions.configuration;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that was meant by a misspelt one. */
final class Spelling {

    private Spelling() {}

    /** The most alike of the known names, unless none is alike: up to a slip in every five letters, which may be letters changing places. */
    static Optional<String> nearest(String name, Collection<String> known) {
        return known.stream()
                .filter(candidate -> slips(name, candidate) <= name.length() / 5)
                .min(Comparator.<String>comparingInt(candidate -> slips(name, candidate)).thenComparing(Comparator.naturalOrder()));
    }

    /** How many letters were put in, left out, mistaken, or changed places with the next one. */
    private static int slips(String a, String b) {
        var rows = new int[a.length() + 1][b.length() + 1];
        for (var i = 0; i <= a.length(); i++) {
            for (var j = 0; j <= b.length(); j++) {
                rows[i][j] = i == 0 || j == 0 ? i + j : fewest(rows, a, b, i, j);
            }
        }
        return rows[a.length()][b.length()];
    }

    private static int fewest(int[][] rows, String a, String b, int i, int j) {
        var mistaken = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        var fewest = Math.min(Math.min(rows[i - 1][j], rows[i][j - 1]) + 1, rows[i - 1][j - 1] + mistaken);
        var swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(fewest, rows[i - 2][j - 2] + 1) : fewest;
    }
}
