package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.triggerbridge.capture.Change;
import io.aerodb.functions.triggerbridge.dispatch.TriggerTable.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.Callback;
import org.jspecify.annotations.Nullable;

/** Changes that one invocation will be told of, as long as others may come along. For one thread. */
final class Batch {

    private final Batches.Key key;
    private final byte @Nullable [] orderedBy;
    private final Change.Row first;
    private final Instant due;
    private final Duration window;
    private final List<byte[]> changes = new ArrayList<>();
    private final Set<Batches.Row> rows = new HashSet<>();
    private final List<Section> sections = new ArrayList<>();
    private Target target;
    private Change.Row last;
    private Lineage lineage = Lineage.NONE;
    private long bytes;

    /** @param orderedBy the key of its request; null where any order will do */
    Batch(Target target, Batches.Key key, byte @Nullable [] orderedBy, Change.Row first) {
        this.target = target;
        this.key = key;
        this.orderedBy = orderedBy;
        this.first = first;
        this.last = first;
        this.window = target.trigger().batch().window();
        this.due = first.committedAt().plus(window);
    }

    /**
     * @param by what runs, in case it was deployed anew meanwhile
     * @param caused what the change goes back to; the batch goes back to what is deepest
     */
    void add(Target by, Change.Row change, byte[] json, Lineage caused, Batches.@Nullable Row row, Section section) {
        target = by;
        last = change;
        changes.add(json);
        bytes += json.length;
        if (changes.size() == 1 || caused.depth() > lineage.depth()) {
            lineage = caused;
        }
        if (row != null) {
            rows.add(row);
        }
        if (sections.isEmpty() || sections.getLast() != section) {
            sections.add(section.hold());
        }
    }

    boolean isFull() {
        return changes.size() >= target.trigger().batch().size();
    }

    DeployedFunction function() {
        return target.function();
    }

    Batches.Key key() {
        return key;
    }

    Identity identity() {
        return key.identity();
    }

    byte @Nullable [] orderedBy() {
        return orderedBy;
    }

    Change.Row first() {
        return first;
    }

    Change.Row last() {
        return last;
    }

    /** When, by the times in the log, it waits no longer. */
    Instant due() {
        return due;
    }

    Duration window() {
        return window;
    }

    Lineage lineage() {
        return lineage;
    }

    List<byte[]> changes() {
        return changes;
    }

    int size() {
        return changes.size();
    }

    long bytes() {
        return bytes;
    }

    /** Where order is kept, the rows whose changes it has. */
    Set<Batches.Row> rows() {
        return rows;
    }

    /** To be called when Kafka has its request. */
    Callback acknowledged() {
        var held = List.copyOf(sections);
        return (metadata, error) -> held.forEach(section -> section.onCompletion(metadata, error));
    }
}
