package io.aerodb.functions.gateway.deadletter;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names a dead letter by where it stands on the topic, since not all of them belong to an invocation: {@code <partition>-<offset>}.
 */
record DeadLetterId(int partition, long offset) {

    private static final Pattern FORM = Pattern.compile("(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,17})");

    static Optional<DeadLetterId> parse(String text) {
        var parts = FORM.matcher(text);
        return parts.matches()
                ? Optional.of(new DeadLetterId(Integer.parseInt(parts.group(1)), Long.parseLong(parts.group(2))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return partition + "-" + offset;
    }
}
