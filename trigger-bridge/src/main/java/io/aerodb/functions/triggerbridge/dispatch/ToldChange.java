package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.trigger.RowCondition;
import io.aerodb.functions.triggerbridge.capture.Change;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row change in all the forms in which it is told, each made once however many functions it runs. For one thread. */
final class ToldChange {

    /** What may go on the log with its attributes. */
    static final int MAX_BYTES = 4 << 20;

    private final Change.Row change;
    private @Nullable String row;
    private byte @Nullable [] json;
    private boolean written;
    private RowCondition.@Nullable Rows rows;

    ToldChange(Change.Row change) {
        this.change = change;
    }

    Change.Row change() {
        return change;
    }

    /** What the row is known by: its key, or, as nothing else tells the rows of one statement apart, its place in the transaction. */
    String row() {
        if (row == null) {
            row = change.key() == null ? "#" + change.ordinal() : ChangePayload.key(change.key());
        }
        return row;
    }

    boolean hasKey() {
        return change.key() != null;
    }

    /** As a function reads it; empty if that would take more than {@link #MAX_BYTES}. */
    Optional<byte[]> json() {
        if (!written) {
            json = ChangePayload.json(change, MAX_BYTES).orElse(null);
            written = true;
        }
        return Optional.ofNullable(json);
    }

    RowCondition.Rows rows() {
        if (rows == null) {
            rows = ChangePayload.rows(change);
        }
        return rows;
    }
}
