package io.aerodb.functions.worker.redaction;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds all forms of all values in a text by their hashes. The time is linear in the text's length, and does not depend on how long
 * the forms are or how nearly the text matches them; it grows only with the number of forms that begin with the same characters.
 */
final class FormIndex {

    /** Forms are looked up by so many first characters; shorter ones by all they have. */
    private static final int ANCHOR_CHARS = 12;

    private final List<Anchors> anchors;

    /** The forms that have anchors of the same length. */
    private record Anchors(int length, long power, BitSet filter, Map<Long, List<SameLength>> forms) {

        static final int FILTER_BITS = 4096;

        static int bit(long hash) {
            return (int) hash & FILTER_BITS - 1;
        }
    }

    /** Forms with the same anchor and the same length, by their hashes. */
    private record SameLength(int length, long power, Map<Long, Form> forms) {}

    FormIndex(Collection<Form> forms) {
        var byLength = new TreeMap<Integer, Anchors>();
        for (var form : forms) {
            var length = Math.min(form.text().length(), ANCHOR_CHARS);
            add(byLength.computeIfAbsent(length, _ -> new Anchors(length, TextHash.power(length), new BitSet(), new HashMap<>())), form);
        }
        for (var group : byLength.values()) {
            group.forms().values().forEach(lengths -> lengths.sort(Comparator.comparingInt(SameLength::length).reversed()));
        }
        anchors = List.copyOf(byLength.values());
    }

    private static void add(Anchors anchors, Form form) {
        var hash = TextHash.of(form.text().substring(0, anchors.length()));
        anchors.filter().set(Anchors.bit(hash));
        var lengths = anchors.forms().computeIfAbsent(hash, _ -> new ArrayList<>());
        var length = form.text().length();
        var same = lengths.stream().filter(candidates -> candidates.length() == length).findFirst().orElseGet(() -> {
            var added = new SameLength(length, TextHash.power(length), new HashMap<>());
            lengths.add(added);
            return added;
        });
        same.forms().put(TextHash.of(form.text()), form);
    }

    /** Adds the positions of all forms in the text to those that are hidden. */
    void hide(String text, TextHash hashes, BitSet hidden) {
        for (var group : anchors) {
            var hiddenTo = 0;
            for (var from = 0; from + group.length() <= text.length(); from++) {
                var hash = hashes.piece(from, group.length(), group.power());
                if (!group.filter().get(Anchors.bit(hash))) {
                    continue;
                }
                var form = longest(group.forms().getOrDefault(hash, List.of()), text, hashes, from);
                if (form != null) {
                    var start = from - (form.startsInside() && from > 0 && isBase64(text.charAt(from - 1)) ? 1 : 0);
                    var end = from + form.text().length();
                    end += form.endsInside() && end < text.length() && isBase64(text.charAt(end)) ? 1 : 0;
                    if (end > hiddenTo) { // what was hidden already is not gone through again
                        hidden.set(Math.max(start, hiddenTo), end);
                        hiddenTo = end;
                    }
                }
            }
        }
    }

    private static @Nullable Form longest(List<SameLength> candidates, String text, TextHash hashes, int from) {
        for (var lengths : candidates) {
            if (from + lengths.length() <= text.length()) {
                var form = lengths.forms().get(hashes.piece(from, lengths.length(), lengths.power()));
                if (form != null) {
                    return form;
                }
            }
        }
        return null;
    }

    private static boolean isBase64(char c) {
        return c < 128 && Character.isLetterOrDigit(c) || c == '+' || c == '/' || c == '-' || c == '_';
    }
}
