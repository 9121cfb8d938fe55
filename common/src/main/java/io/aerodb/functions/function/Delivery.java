package io.aerodb.functions.function;

import java.util.Arrays;
import java.util.Optional;

/** What happens to an invocation whose worker is lost. */
public enum Delivery {
    /** It is run again: a function must bear running twice. */
    AT_LEAST_ONCE("at_least_once"),
    /** It ends as failed: it may not have run to its end. It is never retried either. */
    AT_MOST_ONCE("at_most_once");

    private final String label;

    Delivery(String label) {
        this.label = label;
    }

    /** As it stands in a function's configuration. */
    public String label() {
        return label;
    }

    public static Optional<Delivery> fromLabel(String label) {
        return Arrays.stream(values()).filter(value -> value.label.equals(label)).findFirst();
    }
}
