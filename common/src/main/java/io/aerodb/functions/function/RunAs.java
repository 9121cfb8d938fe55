package io.aerodb.functions.function;

import io.aerodb.functions.identity.Identity;
import java.util.Arrays;
import java.util.Optional;

/** With whose rights a function queries the database. */
public enum RunAs {
    /** With those of whoever called it. */
    CALLER("caller"),
    /** With all rights, past row-level security, whoever called it. */
    SERVICE("service_role");

    private final String label;

    RunAs(String label) {
        this.label = label;
    }

    /** As it stands in a function's configuration. */
    public String label() {
        return label;
    }

    public static Optional<RunAs> fromLabel(String label) {
        return Arrays.stream(values()).filter(value -> value.label.equals(label)).findFirst();
    }

    /** The identity of the function's queries. */
    public Identity identity(Identity caller) {
        return this == SERVICE ? Identity.SERVICE : caller;
    }
}
