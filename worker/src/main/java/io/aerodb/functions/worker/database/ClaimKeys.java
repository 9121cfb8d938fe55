package io.aerodb.functions.worker.database;

import io.aerodb.functions.configuration.KeyList;
import io.aerodb.functions.configuration.Secret;
import java.util.List;

/**
 * The keys with which workers sign the claims of a caller for PostgreSQL. The database knows all of them, the first one signs:
 * a new key is first installed, then put first, then the old one is taken away, and nothing stops meanwhile.
 */
public final class ClaimKeys {

    static final int MIN_KEY_BYTES = 32;
    /** As the hash has it. */
    static final int BLOCK_BYTES = 64;

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
        return new ClaimKeys(KeyList.parse(text, MIN_KEY_BYTES, BLOCK_BYTES).entrySet().stream()
                .map(key -> new ClaimKey(key.getKey(), key.getValue()))
                .toList());
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

    /** Names the keys only. */
    @Override
    public String toString() {
        return "ClaimKeys" + keys;
    }
}
