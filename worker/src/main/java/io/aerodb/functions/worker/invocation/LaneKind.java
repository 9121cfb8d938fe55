package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.kafka.Topics;
import java.time.Duration;

/** What tells the two lanes apart. */
enum LaneKind {

    /** Callers wait, and nothing but the deadline keeps a run from being repeated: so the next owner is told what runs on. */
    INTERACTIVE("interactive", Topics.INVOKE, true, Duration.ofSeconds(1)),

    /** Nobody waits, and each run is claimed: who gets the record while it runs finds it held. */
    EVENTS("events", Topics.EVENTS, false, Duration.ZERO);

    private final String label;
    private final String topic;
    private final boolean tellsWhatRunsOn;
    private final Duration patience;

    LaneKind(String label, String topic, boolean tellsWhatRunsOn, Duration patience) {
        this.label = label;
        this.topic = topic;
        this.tellsWhatRunsOn = tellsWhatRunsOn;
        this.patience = patience;
    }

    /** In metrics. */
    String label() {
        return label;
    }

    String topic() {
        return topic;
    }

    /** Whether partitions are handed over with the offsets of what runs on at the worker that had them. */
    boolean tellsWhatRunsOn() {
        return tellsWhatRunsOn;
    }

    /** How long a worker that is stopped goes on with what it has taken before it hands its partitions over. */
    Duration patience() {
        return patience;
    }
}
