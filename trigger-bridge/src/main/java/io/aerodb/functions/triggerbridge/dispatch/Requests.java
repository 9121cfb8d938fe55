package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.triggerbridge.capture.Change;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes requests of changes. Their ids follow from what the log says, so that a repeat is told from something new. Thread-safe. */
final class Requests {

    private final String systemId;
    private final Clock clock;
    private final Counter made;

    /** @param systemId tells this database from all others */
    Requests(String systemId, MeterRegistry metrics, Clock clock) {
        this.systemId = systemId;
        this.clock = clock;
        this.made = Counter.builder("bridge.requests").description("Invocations that row changes have asked for").register(metrics);
    }

    /**
     * The key of a change's request: requests that share it are run in order. Those of one row share it, be they for one change or for
     * a batch, and where rows have no key, all those of a table.
     *
     * @return null where any order will do
     */
    static byte @Nullable [] orderedBy(DeployedFunction function, DatabaseTrigger trigger, ToldChange told) {
        if (trigger.ordering() == DatabaseTrigger.Ordering.NONE) {
            return null;
        }
        var table = function.id() + "/" + told.change().table();
        var key = trigger.batch().gathers() ? table + "/batch-" + group(trigger, told) : told.hasKey() ? table + "/" + told.row() : table;
        return key.getBytes(StandardCharsets.UTF_8);
    }

    /** In which group of rows it is told with others; of those without a key any two may be the same. */
    static int group(DatabaseTrigger trigger, ToldChange told) {
        var ordered = trigger.ordering() == DatabaseTrigger.Ordering.KEY && told.hasKey();
        return ordered ? Math.floorMod(told.row().hashCode(), trigger.batch().groups()) : 0;
    }

    /** What the function reads of one change: where it is told changes together, one is in a list, too. */
    static byte[] payload(DatabaseTrigger trigger, byte[] change) {
        return trigger.batch().gathers() ? ChangePayload.list(List.of(change)) : change;
    }

    /**
     * @param row what its row is known by
     * @param trace what the change is a part of; null where it is not traced
     */
    InvocationRequest ofOne(DeployedFunction function, Change.Row change, String row, Identity identity, Lineage lineage,
            @Nullable TraceContext trace, byte[] payload) {
        var id = InvocationId.named(function.id(), systemId, String.valueOf(change.transaction()), ChangePayload.lsn(change.lsn()),
                change.table().toString(), row, change.operation().name());
        return request(id, function, identity, lineage, trace, payload);
    }

    /** Where a batch ends follows from the log as well, so that its ends name it. */
    InvocationRequest ofBatch(Batch batch) {
        var first = batch.first();
        var last = batch.last();
        var id = InvocationId.named(batch.function().id(), systemId, "batch", first.table().toString(),
                String.valueOf(first.transaction()), ChangePayload.lsn(first.lsn()), String.valueOf(first.ordinal()),
                String.valueOf(last.transaction()), ChangePayload.lsn(last.lsn()), String.valueOf(last.ordinal()), String.valueOf(batch.size()));
        return request(id, batch.function(), batch.identity(), batch.lineage(), null, ChangePayload.list(batch.changes()));
    }

    private InvocationRequest request(InvocationId id, DeployedFunction function, Identity identity, Lineage lineage, @Nullable TraceContext trace,
            byte[] payload) {
        made.increment();
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return new InvocationRequest(id, TriggerType.DATABASE, function.ref(), 1, now, now.plus(function.config().retry().maxAge()),
                identity, null, false, lineage, trace, null, payload);
    }
}
