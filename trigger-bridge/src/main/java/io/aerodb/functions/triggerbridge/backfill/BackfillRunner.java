package io.aerodb.functions.triggerbridge.backfill;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.RowCondition;
import io.aerodb.functions.triggerbridge.backfill.RunningBackfill.Position;
import io.aerodb.functions.triggerbridge.dispatch.ReadRequests;
import io.aerodb.functions.triggerbridge.dispatch.ReadRequests.Reader;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes on with backfills, one small batch of one backfill at a time. A crash repeats one batch, with the same invocation ids; workers'
 * claims tell that. For one thread.
 */
final class BackfillRunner {

    private static final Logger LOG = LoggerFactory.getLogger(BackfillRunner.class);
    private static final Duration POLL = Duration.ofMillis(500);

    private final BackfillStore store;
    private final FunctionStore functions;
    private final TableRows rows;
    private final ReadRequests requests;
    private final Counter readCount;
    private @Nullable Wanted last;

    /** What is wanted of the rows, as the function has it at the moment. */
    private record Wanted(UUID backfill, DeployedFunction function, DatabaseTrigger trigger, @Nullable RowCondition condition) {}

    BackfillRunner(BackfillStore store, FunctionStore functions, TableRows rows, ReadRequests requests, MeterRegistry metrics) {
        this.store = store;
        this.functions = functions;
        this.rows = rows;
        this.requests = requests;
        this.readCount = Counter.builder("bridge.backfill.rows").description("Rows that backfills have read").register(metrics);
    }

    /**
     * Takes a batch of the backfill whose turn it is, if there is one.
     *
     * @return until when none has its turn
     * @throws UnavailableException if PostgreSQL is away; the batch is then taken again
     */
    Duration goOn() throws InterruptedException {
        var next = store.next();
        if (next.isEmpty()) {
            rows.close();
            return POLL;
        }
        var backfill = next.get();
        if (backfill.dueIn().isPositive()) {
            return backfill.dueIn().compareTo(POLL) < 0 ? backfill.dueIn() : POLL;
        }
        try {
            takeBatch(backfill);
        } catch (UnreadableTableException e) {
            if (e.isPassing()) {
                putOff(backfill, e.getMessage());
            } else {
                fail(backfill, e.getMessage(), e.getCause());
            }
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            putOff(backfill, "Kafka did not take a request: " + e.getMessage());
        } catch (UnavailableException | DatabaseException e) {
            throw e;
        } catch (RuntimeException e) { // one backfill must not hold up all others
            LOG.atError().addKeyValue("backfill", backfill.id()).setCause(e).log("a batch of a backfill failed by a defect, will try again");
            store.putOff(backfill, "a defect of the trigger bridge, whose log says more");
        }
        return Duration.ZERO;
    }

    private void takeBatch(RunningBackfill backfill) throws InterruptedException {
        var wanted = wanted(backfill);
        if (wanted.isEmpty()) {
            return;
        }
        var trigger = wanted.get().trigger();
        var batch = rows.after(trigger.table(), backfill.position(), backfill.batch());
        if (!batch.rows().isEmpty()) {
            var fired = requests.send(new Reader(backfill.id(), wanted.get().function(), trigger, wanted.get().condition(), backfill.batchAt()), batch.rows());
            readCount.increment(batch.rows().size());
            if (!store.advance(backfill, batch.rows().size(), fired, new Position(batch.keyColumns(), batch.rows().getLast().key()))) {
                return; // cancelled, or another bridge has gone on with it
            }
        }
        if (batch.isLast()) {
            store.complete(backfill);
            LOG.atInfo().addKeyValue("backfill", backfill.id()).addKeyValue("function", backfill.function()).log("completed a backfill");
        }
    }

    /** Empty, and the backfill has failed, if the function does not want the rows any more. */
    private Optional<Wanted> wanted(RunningBackfill backfill) {
        var found = functions.find(backfill.function());
        var trigger = found.flatMap(function -> trigger(function, backfill.trigger()));
        if (trigger.isEmpty()) {
            fail(backfill, found.isEmpty()
                    ? "the function was removed"
                    : "the trigger was changed or removed; start another backfill with the trigger that the function has now", null);
            return Optional.empty();
        }
        var function = found.get();
        if (!function.config().enabled()) {
            fail(backfill, "the function was disabled; enable it and start another backfill", null);
            return Optional.empty();
        }
        var known = last;
        if (known == null || !known.backfill().equals(backfill.id()) || known.function().revision() != function.revision()) {
            known = new Wanted(backfill.id(), function, trigger.get(), condition(trigger.get()));
            last = known;
        }
        return Optional.of(known);
    }

    private static Optional<DatabaseTrigger> trigger(DeployedFunction function, UUID id) {
        return function.config().triggers().stream().filter(trigger -> trigger.id(function.id()).equals(id))
                .filter(DatabaseTrigger.class::isInstance).map(DatabaseTrigger.class::cast).findFirst();
    }

    private static @Nullable RowCondition condition(DatabaseTrigger trigger) {
        try {
            return trigger.when() == null ? null : RowCondition.untyped(trigger.when());
        } catch (IllegalArgumentException e) {
            throw UnreadableTableException.lasting("the trigger's condition " + e.getMessage(), e);
        }
    }

    private void putOff(RunningBackfill backfill, String reason) {
        LOG.atWarn().addKeyValue("backfill", backfill.id()).addKeyValue("function", backfill.function()).log("a batch of a backfill failed, will try again: {}", reason);
        store.putOff(backfill, reason);
    }

    private void fail(RunningBackfill backfill, String reason, @Nullable Throwable cause) {
        LOG.atWarn().addKeyValue("backfill", backfill.id()).addKeyValue("function", backfill.function()).setCause(cause).log("a backfill failed: {}", reason);
        store.fail(backfill, reason);
    }
}
