package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.trigger.DatabaseTrigger.Ordering;
import io.aerodb.functions.trigger.TableName;
import io.aerodb.functions.triggerbridge.dispatch.TriggerTable.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Changes that wait to be told together. Where a batch begins and ends follows from the log alone: from the changes, the times of their
 * commits, and messages that say that a window is over. So reading the log again from a place where nothing waited makes the same
 * batches again, with the same ids, and a crash runs none of them twice. For one thread.
 */
final class Batches {

    private static final int MAX_BATCH_BYTES = ToldChange.MAX_BYTES;
    /** Of all that waits. */
    private static final long MAX_BYTES = 16 << 20;
    /** What a change takes beside its JSON, roughly. */
    private static final int CHANGE_BYTES = 256;

    private final Completion completion;
    private final Consumer<Duration> opened;
    private final Map<Key, Batch> open = new LinkedHashMap<>();
    private final Map<Row, Batch> byRow = new HashMap<>();
    private final List<Section> sinceLastChange = new ArrayList<>();
    private Instant due = Instant.MAX;
    private long bytes;

    /** Changes that differ in one of these are never told together. */
    record Key(UUID function, TableName table, int group, Identity identity) {}

    /** A row, to a function that wants its changes in order. @param row empty where there is no key: any two changes may be of the same row */
    record Row(UUID function, TableName table, String row) {}

    /** What becomes of a batch when it is complete. */
    interface Completion {
        void complete(Batch batch) throws InterruptedException;
    }

    /** @param opened told, when a batch begins, how long its changes may wait */
    Batches(Completion completion, Consumer<Duration> opened) {
        this.completion = completion;
        this.opened = opened;
    }

    /** @param section that the change belongs to: it is held until Kafka has the batch */
    void add(Target target, ToldChange told, byte[] json, Identity identity, Lineage lineage, Section section) throws InterruptedException {
        if (!open.isEmpty()) {
            sinceLastChange.forEach(Section::cross);
        }
        sinceLastChange.clear();
        var function = target.function().id();
        var change = told.change();
        var key = new Key(function, change.table(), Requests.group(target.trigger(), told), identity);
        var batch = open.get(key);
        if (batch != null && batch.bytes() + json.length + batch.size() > MAX_BATCH_BYTES) {
            close(batch);
            batch = null;
        }
        var row = target.trigger().ordering() == Ordering.KEY ? new Row(function, change.table(), told.hasKey() ? told.row() : "") : null;
        var before = row == null ? null : byRow.get(row);
        if (before != null && before != batch) {
            close(before); // what another one did to the row comes first
        }
        if (batch == null) {
            batch = new Batch(target, key, Requests.orderedBy(target.function(), target.trigger(), told), change);
            open.put(key, batch);
            due = batch.due().isBefore(due) ? batch.due() : due;
            opened.accept(batch.window());
        }
        batch.add(target, change, json, lineage, row, section);
        bytes += json.length + CHANGE_BYTES;
        if (row != null) {
            byRow.put(row, batch);
        }
        if (batch.isFull()) {
            close(batch);
        } else if (bytes > MAX_BYTES) {
            closeAll();
        }
    }

    /** To be called before the changes that were committed then are added. */
    void passed(Instant committedAt) throws InterruptedException {
        if (committedAt.isBefore(due)) {
            return;
        }
        var longest = Duration.ZERO;
        for (var batch : open.values()) {
            if (!committedAt.isBefore(batch.due()) && batch.window().compareTo(longest) > 0) {
                longest = batch.window();
            }
        }
        close(longest);
    }

    /** Ends all batches with a window that is no longer: in this way none is open from time to time, however many functions have some. */
    void close(Duration window) throws InterruptedException {
        for (var batch : List.copyOf(open.values())) {
            if (batch.window().compareTo(window) <= 0) {
                close(batch);
            }
        }
        due = open.values().stream().map(Batch::due).min(Instant::compareTo).orElse(Instant.MAX);
    }

    /** Nothing more of this section comes. */
    void ended(Section section) {
        if (open.isEmpty()) {
            section.settle();
        } else {
            sinceLastChange.add(section);
        }
    }

    private void closeAll() throws InterruptedException {
        for (var batch : List.copyOf(open.values())) {
            close(batch);
        }
        due = Instant.MAX;
    }

    private void close(Batch batch) throws InterruptedException {
        open.remove(batch.key());
        batch.rows().forEach(byRow::remove);
        bytes -= batch.bytes() + (long) batch.size() * CHANGE_BYTES;
        try {
            completion.complete(batch);
        } catch (RuntimeException e) { // nothing is told of it, so reading must not go on behind it
            batch.acknowledged().onCompletion(null, e);
            throw e;
        }
        if (open.isEmpty()) {
            sinceLastChange.clear(); // nothing goes on across them
            due = Instant.MAX;
        }
    }
}
