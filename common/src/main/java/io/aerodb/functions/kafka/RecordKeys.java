package io.aerodb.functions.kafka;

import io.aerodb.functions.configuration.Settings;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that only our services hold and with which requests are sealed. The first one seals, all of them open, so a new
 * key can be put first while records under the old one are still on the log.
 */
public final class RecordKeys {

    static final int MIN_KEY_BYTES = 32;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9]+");

    private final List<RecordKey> keys;

    /** @param keys at least one */
    RecordKeys(List<RecordKey> keys) {
        this.keys = List.copyOf(keys);
    }

    record RecordKey(String id, SecretKey key) {}

    public static RecordKeys read(Settings settings) {
        var text = settings.requiredSecret("record.keys",
                "Keys that seal requests on the log, as id:base64 with at least 32 bytes, several separated by commas; the first one seals");
        var keys = new ArrayList<RecordKey>();
        for (var part : text.value().split(",")) {
            parse(part.strip()).ifPresentOrElse(keys::add, () -> settings.problem("record.keys",
                    "every key is written id:base64, with an id of letters and digits and at least " + MIN_KEY_BYTES + " bytes"));
        }
        if (keys.stream().map(RecordKey::id).distinct().count() < keys.size()) {
            settings.problem("record.keys", "two keys have the same id");
        }
        return new RecordKeys(keys);
    }

    RecordKey sealing() {
        return keys.getFirst();
    }

    Optional<SecretKey> opening(String id) {
        return keys.stream().filter(key -> key.id().equals(id)).map(RecordKey::key).findFirst();
    }

    private static Optional<RecordKey> parse(String text) {
        var colon = text.indexOf(':');
        if (colon < 1 || !ID.matcher(text.substring(0, colon)).matches()) {
            return Optional.empty();
        }
        try {
            var bytes = Base64.getDecoder().decode(text.substring(colon + 1));
            return bytes.length < MIN_KEY_BYTES
                    ? Optional.empty()
                    : Optional.of(new RecordKey(text.substring(0, colon), new SecretKeySpec(bytes, "HmacSHA256")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Names the keys only. */
    @Override
    public String toString() {
        return "RecordKeys" + keys.stream().map(RecordKey::id).toList();
    }
}
