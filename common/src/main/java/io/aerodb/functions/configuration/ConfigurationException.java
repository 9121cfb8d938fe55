package io.aerodb.functions.configuration;

import java.util.List;

/** Everything that is wrong with a service's settings. */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public ConfigurationException(List<String> problems) {
        super("the configuration has " + problems.size() + (problems.size() == 1 ? " problem: " : " problems: ") + String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /** One sentence each, beginning with the variable's name. */
    public List<String> problems() {
        return problems;
    }
}
