package io.aerodb.functions.compiler;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.kafka.RecordKeys;
import java.util.Base64;
import java.util.Map;

/** Record keys for tests. */
final class Keys {

    private Keys() {}

    static RecordKeys of(String... ids) {
        var text = new StringBuilder();
        for (var id : ids) {
            var secret = (id + "0123456789012345678901234567890123456789").substring(0, 32).getBytes();
            text.append(text.isEmpty() ? "" : ",").append(id).append(':').append(Base64.getEncoder().encodeToString(secret));
        }
        var settings = Settings.of("worker", Map.of("AEROFN_RECORD_KEYS", text.toString()));
        var keys = RecordKeys.read(settings);
        settings.check();
        return keys;
    }
}
