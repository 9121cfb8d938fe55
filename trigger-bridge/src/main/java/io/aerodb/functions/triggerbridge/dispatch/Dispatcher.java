package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.function.RunAs;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.source.IdentityKey;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.trigger.RowOperation;
import io.aerodb.functions.triggerbridge.capture.Change;
import io.aerodb.functions.triggerbridge.capture.Handled;
import io.aerodb.functions.triggerbridge.capture.LogReader;
import io.aerodb.functions.triggerbridge.dispatch.TriggerTable.Target;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns changes into requests on the events lane, for each row and function or for some rows together, and publishes those of chosen
 * tables. For one thread at a time.
 */
public final class Dispatcher implements LogReader.Handler {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    static final int MAX_DEPTH = 8;

    private final TriggerTable triggers;
    private final Optional<IdentityKey> key;
    private final EventSink sink;
    private final ChangePublisher publisher;
    private final RunCaps caps;
    private final Requests requests;
    private final Batches batches;
    private final Counter changes;
    private final Counter unsigned;
    private Writer writer = Writer.UNKNOWN;
    private Section section = new Section();

    /**
     * @param systemId tells this database from all others
     * @param key with which the database says who made a change
     */
    public Dispatcher(String systemId, TriggerTable triggers, Optional<IdentityKey> key, EventSink sink, ChangePublisher publisher,
            WindowEnds windows, RunCaps caps, MeterRegistry metrics, Clock clock) {
        this.triggers = triggers;
        this.key = key;
        this.sink = sink;
        this.publisher = publisher;
        this.caps = caps;
        this.requests = new Requests(systemId, metrics, clock);
        this.batches = new Batches(this::complete, windows::await);
        this.changes = Counter.builder("bridge.changes").description("Row changes that were read from the log").register(metrics);
        this.unsigned = Counter.builder("bridge.identities.refused").description("Messages about who made a change that the database has not signed").register(metrics);
    }

    @Override
    public Handled handle(List<Change> told) throws InterruptedException {
        var handled = new Section();
        section = handled;
        for (var change : told) {
            switch (change) {
                case Change.Begun _, Change.Ended _ -> {
                    writer = Writer.UNKNOWN;
                    caps.nextTransaction();
                }
                case Change.Told message -> hear(message);
                case Change.Row row -> dispatch(new ToldChange(row));
                case Change.Quiet _ -> { }
            }
        }
        batches.ended(handled);
        handled.onCompletion(null, null);
        return handled;
    }

    /** Of what anybody may put into the log only what was signed is heard. */
    private void hear(Change.Told told) throws InterruptedException {
        var content = key.flatMap(it -> it.verified(told.transaction(), told.content())).orElse(null);
        if (content == null) {
            if (told.prefix().equals(IdentityKey.MESSAGE)) {
                unsigned.increment();
            }
            return;
        }
        switch (told.prefix()) {
            case IdentityKey.MESSAGE -> writer = Writer.of(content);
            case WatchedTables.TRIGGERS_CHANGED -> triggers.reload(content);
            case WatchedTables.BATCHES_DUE -> batches.close(Duration.ofMillis(Long.parseLong(content)));
            default -> { }
        }
    }

    private void dispatch(ToldChange told) throws InterruptedException {
        changes.increment();
        batches.passed(told.change().committedAt());
        publisher.publish(told, section);
        var asked = new HashSet<UUID>(); // once, whichever of a function's triggers match
        for (var target : triggers.of(told.change().table())) {
            try {
                if (matches(target, told) && asked.add(target.function().id())) {
                    request(target, told);
                }
            } catch (UnavailableException | KafkaException e) {
                throw e; // all of it is read again when that is back
            } catch (RuntimeException e) { // one row must not hold up all that come after it
                LOG.atError().addKeyValue("table", told.change().table()).addKeyValue("lsn", ChangePayload.lsn(told.change().lsn())).setCause(e)
                        .log("cannot make a request of a change");
                asked.add(target.function().id());
                putAside(target, told.change());
            }
        }
    }

    private void putAside(Target target, Change.Row change) throws InterruptedException {
        var payload = Requests.payload(target.trigger(), ChangePayload.withoutValues(change));
        var request = requests.ofOne(target.function(), change, "#" + change.ordinal(), identity(target), Lineage.NONE, writer.trace(), payload);
        sink.putAside(request, "change_unreadable", "no request could be made of the change; the bridge's log says why", section::hold);
    }

    private static boolean matches(Target target, ToldChange told) {
        var trigger = target.trigger();
        var change = told.change();
        if (!trigger.operations().contains(change.operation())) {
            return false;
        }
        var before = change.before();
        var after = change.after();
        if (change.operation() == RowOperation.UPDATE && !trigger.columns().isEmpty() && before != null && after != null
                && trigger.columns().stream().noneMatch(column -> after.differsIn(column, before))) {
            return false;
        }
        return target.condition() == null || target.condition().holds(told.rows());
    }

    private void request(Target target, ToldChange told) throws InterruptedException {
        var payload = told.json();
        var lineage = writer.cause().map(cause -> new Lineage(cause.invocation(), cause.depth() + 1, null)).orElse(Lineage.NONE);
        if (lineage.depth() > MAX_DEPTH) {
            var request = requestOfOne(target, told, lineage);
            sink.putAside(request, "depth_exceeded", "functions have set off each other " + lineage.depth() + " times in a row, allowed are " + MAX_DEPTH, section::hold);
        } else if (payload.isEmpty()) {
            sink.putAside(requestOfOne(target, told, lineage), "payload_too_large", "the change is told in more than " + ToldChange.MAX_BYTES + " bytes", section::hold);
        } else if (target.trigger().batch().gathers()) {
            batches.add(target, told, payload.get(), identity(target), lineage, section);
        } else {
            requestOne(target, told, lineage);
        }
    }

    private void requestOne(Target target, ToldChange told, Lineage lineage) throws InterruptedException {
        var table = target.function().id() + "/" + told.change().table();
        var request = requestOfOne(target, told, lineage);
        var refusal = lineage.cause() == null ? caps.refusal(table, told.hasKey() ? table + "/" + told.row() : null, told.change().committedAt()) : Optional.<RunCaps.Refusal>empty();
        if (refusal.isPresent()) {
            sink.putAside(request, refusal.get().code(), refusal.get().reason(), section::hold);
        } else {
            sink.send(Requests.orderedBy(target.function(), target.trigger(), told), request, section::hold);
        }
    }

    private InvocationRequest requestOfOne(Target target, ToldChange told, Lineage lineage) {
        var payload = Requests.payload(target.trigger(), told.json().orElseGet(() -> ChangePayload.withoutRows(told.change())));
        return requests.ofOne(target.function(), told.change(), told.row(), identity(target), lineage, writer.trace(), payload);
    }

    private void complete(Batch batch) throws InterruptedException {
        var request = requests.ofBatch(batch);
        var table = batch.function().id() + "/" + batch.first().table();
        var refusal = batch.lineage().cause() == null ? caps.refusal(table, null, batch.last().committedAt()) : Optional.<RunCaps.Refusal>empty();
        if (refusal.isPresent()) {
            sink.putAside(request, refusal.get().code(), refusal.get().reason(), batch::acknowledged);
        } else {
            sink.send(batch.orderedBy(), request, batch::acknowledged);
        }
    }

    private Identity identity(Target target) {
        return target.trigger().runAs() == RunAs.SERVICE ? Identity.SERVICE : writer.identity();
    }
}
