package io.aerodb.functions.configuration;

import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Keys as operators write them: {@code id:base64}, several separated by commas. */
public final class KeyList {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,32}");

    private KeyList() {}

    /**
     * @return the keys' bytes by their ids, in the order they were written
     * @throws IllegalArgumentException saying how they must be written; it repeats none of them
     */
    public static Map<String, byte[]> parse(Secret text, int minBytes, int maxBytes) {
        var keys = new LinkedHashMap<String, byte[]>();
        for (var part : text.value().split(",", -1)) {
            var colon = part.indexOf(':');
            var id = colon < 0 ? "" : part.substring(0, colon).strip();
            var bytes = colon < 0 ? new byte[0] : decoded(part.substring(colon + 1).strip());
            if (!ID.matcher(id).matches() || bytes.length < minBytes || bytes.length > maxBytes || keys.putIfAbsent(id, bytes) != null) {
                throw new IllegalArgumentException("every key is written id:base64, with an id of its own of letters and digits and "
                        + (minBytes == maxBytes ? "exactly " + minBytes : minBytes + " to " + maxBytes) + " bytes");
            }
        }
        return Collections.unmodifiableMap(keys);
    }

    /** No bytes, which are too few for any key, where it is not base64. */
    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }
}
