package io.aerodb.functions.lifecycle;

import java.util.List;

/** Why a service that could start will not: something it found is not safe, and an operator has to mend it. */
public class StartRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> lines;

    /** @param lines for the operator: what is wrong, then each finding and how to mend it */
    public StartRefusedException(List<String> lines) {
        super(String.join("\n", lines));
        this.lines = List.copyOf(lines);
    }

    public List<String> lines() {
        return lines;
    }
}
