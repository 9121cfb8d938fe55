package io.aerodb.functions.worker.environment;

import io.aerodb.functions.worker.redaction.Redactor;
import java.util.Map;

/**
 * What a function's runs can read, and what of it must not show.
 *
 * @param variables all that exist for the function; nothing of the worker's own is among them
 * @param redactor knows the sensitive ones
 */
public record Environment(Map<String, String> variables, Redactor redactor) {

    static final Environment EMPTY = new Environment(Map.of(), Redactor.NONE);

    public Environment {
        variables = Map.copyOf(variables);
    }

    /** Leaves all values out. */
    @Override
    public String toString() {
        return "Environment[" + variables.size() + " variables]";
    }
}
