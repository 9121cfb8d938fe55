package io.aerodb.functions.worker.database;

import io.aerodb.functions.configuration.Secret;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The keys with which workers sign the claims of a caller for PostgreSQL. The database knows all of them, the first one signs:
 * a new key is first installed, then put first, then the old one is taken away, and nothing stops meanwhile.
 */
public final class ClaimKeys {

    static final int MIN_KEY_BYTES = 32;
    /** As the hash has it. */
    static final int BLOCK_BYTES = 64;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,32}");

    private final List<ClaimKey> keys;

    private ClaimKeys(List<ClaimKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /** Never in a log: only the id is shown. */
    record ClaimKey(String id, byte[] bytes) {

        @Override
        public String toString() {
            return id;
        }
    }

    /**
     * @param text {@code id:base64}, several separated by commas
     * @throws IllegalArgumentException saying how it must be written
     */
    public static ClaimKeys parse(Secret text) {
        var keys = new ArrayList<ClaimKey>();
        var ids = new HashSet<String>();
        for (var part : text.value().split(",", -1)) {
            var colon = part.indexOf(':');
            var id = colon < 0 ? "" : part.substring(0, colon).strip();
            if (!ID.matcher(id).matches() || !ids.add(id)) {
                throw wrong();
            }
            keys.add(new ClaimKey(id, decoded(part.substring(colon + 1).strip())));
        }
        return new ClaimKeys(keys);
    }

    /** Names of the keys, that of the signing one first. */
    public List<String> ids() {
        return keys.stream().map(ClaimKey::id).toList();
    }

    ClaimKey signing() {
        return keys.getFirst();
    }

    List<ClaimKey> all() {
        return keys;
    }

    private static byte[] decoded(String base64) {
        try {
            var bytes = Base64.getDecoder().decode(base64);
            if (bytes.length >= MIN_KEY_BYTES && bytes.length <= BLOCK_BYTES) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // told below, without the key
        }
        throw wrong();
    }

    private static IllegalArgumentException wrong() {
        return new IllegalArgumentException("every key is written id:base64, with an id of its own of letters and digits and "
                + MIN_KEY_BYTES + " to " + BLOCK_BYTES + " bytes");
    }

    /** Names the keys only. */
    @Override
    public String toString() {
        return "ClaimKeys" + keys;
    }
}
