package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.function.RunAs;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.source.IdentityKey;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.RowOperation;
import io.aerodb.functions.triggerbridge.capture.Change;
import io.aerodb.functions.triggerbridge.capture.LogReader;
import io.aerodb.functions.triggerbridge.dispatch.TriggerTable.Target;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns changes into requests on the events lane, one for each row and function. For one thread at a time. */
public final class Dispatcher implements LogReader.Handler {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    static final int MAX_DEPTH = 8;
    /** What may go on the log with its attributes. */
    private static final int MAX_PAYLOAD_BYTES = 4 << 20;
    private static final int REMEMBERED_ROWS = 20_000;

    private final String systemId;
    private final TriggerTable triggers;
    private final Optional<IdentityKey> key;
    private final EventSink sink;
    private final RowRates rates;
    private final Clock clock;
    private final Counter changes;
    private final Counter requests;
    private Writer writer = Writer.UNKNOWN;

    /**
     * @param systemId tells this database from all others
     * @param key with which the database says who made a change
     * @param rowRate how often one row may run one function within a minute, where nothing says what caused its changes
     */
    public Dispatcher(String systemId, TriggerTable triggers, Optional<IdentityKey> key, EventSink sink, int rowRate, MeterRegistry metrics, Clock clock) {
        this.systemId = systemId;
        this.triggers = triggers;
        this.key = key;
        this.sink = sink;
        this.rates = new RowRates(rowRate, REMEMBERED_ROWS);
        this.clock = clock;
        this.changes = Counter.builder("bridge.changes").description("Row changes that were read from the log").register(metrics);
        this.requests = Counter.builder("bridge.requests").description("Invocations that row changes have asked for").register(metrics);
    }

    @Override
    public void handle(List<Change> batch) throws InterruptedException {
        for (var change : batch) {
            switch (change) {
                case Change.Begun _, Change.Ended _ -> writer = Writer.UNKNOWN;
                case Change.Told told -> hear(told);
                case Change.Row row -> dispatch(row);
                case Change.Quiet _ -> { }
            }
        }
        sink.await();
    }

    private void hear(Change.Told told) {
        switch (told.prefix()) {
            case IdentityKey.MESSAGE -> key.flatMap(it -> it.claims(told.transaction(), told.content()))
                    .ifPresent(claims -> writer = Writer.of(claims));
            case WatchedTables.TRIGGERS_CHANGED -> triggers.reload(told.content());
            default -> { }
        }
    }

    private void dispatch(Change.Row change) {
        changes.increment();
        var asked = new HashSet<UUID>(); // once, whichever of a function's triggers match
        for (var target : triggers.of(change.table())) {
            try {
                if (matches(target, change) && asked.add(target.function().id())) {
                    request(target, change);
                }
            } catch (UnavailableException | KafkaException e) {
                throw e; // all of it is read again when that is back
            } catch (RuntimeException e) { // one row must not hold up all that come after it
                LOG.atError().addKeyValue("table", change.table()).addKeyValue("lsn", ChangePayload.lsn(change.lsn())).setCause(e)
                        .log("cannot make a request of a change");
                asked.add(target.function().id());
                putAside(target, change);
            }
        }
    }

    private void putAside(Target target, Change.Row change) {
        var request = request(target, change, "#" + change.ordinal(), Lineage.NONE, ChangePayload.withoutValues(change));
        sink.putAside(request, "change_unreadable", "no request could be made of the change; the bridge's log says why");
    }

    private static boolean matches(Target target, Change.Row change) {
        var trigger = target.trigger();
        if (!trigger.operations().contains(change.operation())) {
            return false;
        }
        var before = change.before();
        var after = change.after();
        if (change.operation() == RowOperation.UPDATE && !trigger.columns().isEmpty() && before != null && after != null
                && trigger.columns().stream().noneMatch(column -> after.differsIn(column, before))) {
            return false;
        }
        return target.condition() == null
                || target.condition().holds(ChangePayload.forCondition(before), ChangePayload.forCondition(after));
    }

    private void request(Target target, Change.Row change) {
        // without a key nothing else tells the rows of one statement apart
        var row = change.key() == null ? "#" + change.ordinal() : ChangePayload.key(change.key());
        var payload = ChangePayload.json(change, MAX_PAYLOAD_BYTES);
        var lineage = writer.cause().map(cause -> new Lineage(cause.invocation(), cause.depth() + 1, null)).orElse(Lineage.NONE);
        var request = request(target, change, row, lineage, payload.orElseGet(() -> ChangePayload.withoutRows(change)));
        var orderedBy = target.function().id() + "/" + change.table() + (change.key() == null ? "" : "/" + row);
        if (lineage.depth() > MAX_DEPTH) {
            sink.putAside(request, "depth_exceeded", "functions have set off each other " + lineage.depth() + " times in a row, allowed are " + MAX_DEPTH);
        } else if (payload.isEmpty()) {
            sink.putAside(request, "payload_too_large", "the change is told in more than " + MAX_PAYLOAD_BYTES + " bytes");
        } else if (writer.cause().isEmpty() && change.key() != null && !rates.tryTake(orderedBy, change.committedAt())) {
            sink.putAside(request, "row_rate_exceeded", "one row has run the function too often within a minute; if it does so by itself, let it write through db_query");
        } else {
            sink.send(target.trigger().ordering() == DatabaseTrigger.Ordering.NONE ? null : orderedBy.getBytes(StandardCharsets.UTF_8), request);
        }
    }

    private InvocationRequest request(Target target, Change.Row change, String row, Lineage lineage, byte[] payload) {
        var function = target.function();
        var id = InvocationId.named(function.id(), systemId, String.valueOf(change.transaction()), ChangePayload.lsn(change.lsn()),
                change.table().toString(), row, change.operation().name());
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        requests.increment();
        return new InvocationRequest(id, TriggerType.DATABASE, function.ref(), 1, now, now.plus(function.config().retry().maxAge()),
                target.trigger().runAs() == RunAs.SERVICE ? Identity.SERVICE : writer.identity(), null, false, lineage,
                writer.trace(), null, payload);
    }
}
