package io.aerodb.functions.invocation;

import java.util.Arrays;
import java.util.Optional;

/** Where an invocation stands in its life. {@code docs/architecture.md} draws how one follows another. */
public enum InvocationStatus {
    /** On the log; nothing has been tried. */
    ACCEPTED("accepted", false),
    /** A worker has claimed it. Never stored: it follows from the claim. */
    RUNNING("running", false),
    /** To be tried, or tried again, at a known time. */
    SCHEDULED("scheduled", false),
    SUCCEEDED("succeeded", true),
    FAILED("failed", true),
    TIMED_OUT("timed_out", true),
    MEMORY_EXCEEDED("memory_exceeded", true),
    REJECTED("rejected", true),
    EXPIRED("expired", true),
    /** Called off before it started. */
    CANCELLED("cancelled", true),
    /** All attempts are used up, or too much time has passed; its request lies with the dead letters. */
    DEAD_LETTERED("dead_lettered", true),
    /** It was dead-lettered, and has been run again as another invocation. */
    REPLAYED("replayed", true);

    private final String label;
    private final boolean terminal;

    InvocationStatus(String label, boolean terminal) {
        this.label = label;
        this.terminal = terminal;
    }

    /** The status as it stands in rows, records, metrics and JSON. */
    public String label() {
        return label;
    }

    /** Whether nothing will follow by itself. */
    public boolean isTerminal() {
        return terminal;
    }

    public static Optional<InvocationStatus> fromLabel(String label) {
        return Arrays.stream(values()).filter(status -> status.label.equals(label)).findFirst();
    }
}
