package io.aerodb.functions.triggerbridge.realtime;

import io.aerodb.functions.trigger.TableName;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Names the topic of a table's changes: {@code functions.changes.<schema>.<table>}. */
final class ChangeTopic {

    private static final String PREFIX = "functions.changes.";
    /** What Kafka allows. */
    static final int MAX_CHARS = 249;

    private ChangeTopic() {}

    /** Two tables never have the same one; it may be longer than Kafka allows. */
    static String of(TableName table) {
        return PREFIX + spelled(table.schema()) + "." + spelled(table.table());
    }

    /** Kafka's metrics have one name for both, so it refuses a topic that differs from another in nothing else. */
    static String asInMetrics(String topic) {
        return topic.replace('.', '_');
    }

    /** ASCII letters, digits and {@code _} stay; of everything else each byte becomes a {@code -} and two hexadecimal digits. */
    private static String spelled(String name) {
        var bytes = name.getBytes(StandardCharsets.UTF_8);
        var spelled = new StringBuilder();
        for (var each : bytes) {
            if (each >= 'a' && each <= 'z' || each >= 'A' && each <= 'Z' || each >= '0' && each <= '9' || each == '_') {
                spelled.append((char) each);
            } else {
                spelled.append('-').append(HexFormat.of().toHexDigits(each));
            }
        }
        return spelled.toString();
    }
}
