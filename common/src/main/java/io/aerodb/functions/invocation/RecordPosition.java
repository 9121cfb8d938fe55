package io.aerodb.functions.invocation;

import java.util.regex.Pattern;

/** Where a record stands on the log. */
public record RecordPosition(String topic, int partition, long offset) {

    private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    /** Whether Kafka could have a record there at all: those who told of it may not be of ours. */
    public boolean canExist() {
        return TOPIC.matcher(topic).matches() && partition >= 0 && offset >= 0;
    }
}
