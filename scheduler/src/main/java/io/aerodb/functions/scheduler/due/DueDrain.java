package io.aerodb.functions.scheduler.due;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.StoredRequest.Gone;
import io.aerodb.functions.kafka.StoredRequest.Readable;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.metrics.Histograms;
import io.aerodb.functions.scheduler.batch.Lag;
import io.aerodb.functions.scheduler.batch.MaxAges;
import io.aerodb.functions.scheduler.batch.Sends;
import io.aerodb.functions.scheduler.batch.StoredRequests;
import io.aerodb.functions.scheduler.batch.Transactions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts due invocations on the events lane, oldest first. Rows are deleted when Kafka has their requests, so a crash in between sends
 * them twice, with the same ids and attempts; workers' claims tell that. For one thread, but any number of schedulers.
 */
public final class DueDrain {

    private static final Logger LOG = LoggerFactory.getLogger(DueDrain.class);
    /** How late something can be noticed that became due after the last look. */
    private static final Duration POLL = Duration.ofMillis(75);
    /** Everything due is in the hands of other schedulers. */
    private static final Duration TAKEN_PAUSE = Duration.ofMillis(20);

    private final DueStore store;
    private final Transactions transactions;
    private final StoredRequests requests;
    private final RequestCodec codec;
    private final Producer<byte[], byte[]> producer;
    private final MaxAges maxAges;
    private final LastEntries lastEntries;
    private final BooleanSupplier kafkaIsThere;
    private final int batch;
    private final Lag lag = new Lag(System::nanoTime);
    private final Timer lags;
    private final Counter goneCount;
    private final Counter refusedCount;

    private record Batch(int rows, Optional<UnavailableException> failure) {}

    /**
     * @param scheduler this instance's name
     * @param kafkaIsThere while it is not, no rows are held
     * @param batch rows taken at once
     */
    public DueDrain(String scheduler, Database database, StoredRequests requests, RequestCodec codec, Producer<byte[], byte[]> producer,
            BooleanSupplier kafkaIsThere, int batch, MeterRegistry metrics, Clock clock) {
        this.store = new DueStore(database);
        this.transactions = new Transactions(database);
        this.requests = requests;
        this.codec = codec;
        this.producer = producer;
        this.maxAges = new MaxAges();
        this.lastEntries = new LastEntries(scheduler, clock);
        this.kafkaIsThere = kafkaIsThere;
        this.batch = batch;
        this.lags = Histograms.ofTimes("scheduler.lag", "From when an invocation was due to when it was on the events lane")
                .register(metrics);
        this.goneCount = Counter.builder("scheduler.gone").description("Due invocations that ended because their requests were gone")
                .register(metrics);
        this.refusedCount = Counter.builder("scheduler.refused").description("Due invocations that ended because Kafka refused their requests")
                .register(metrics);
        TimeGauge.builder("scheduler.overdue", lag, TimeUnit.NANOSECONDS, seen -> seen.now().toNanos())
                .description("How long the oldest invocation that is not yet on the events lane has been due").register(metrics);
    }

    /** How long the oldest due invocation has been waiting; grows while PostgreSQL cannot be asked. */
    public Duration lag() {
        return lag.now();
    }

    /**
     * Takes a batch, if something is due.
     *
     * @return until when nothing can be late
     * @throws UnavailableException if Kafka or PostgreSQL is away; what was not sent stays due
     */
    public Duration drain() {
        var late = store.oldest().orElse(POLL.negated());
        if (late.isNegative()) {
            var wait = late.negated().compareTo(POLL) < 0 ? late.negated() : POLL;
            lag.seen(wait.negated());
            return wait;
        }
        lag.seen(late);
        if (!kafkaIsThere.getAsBoolean()) {
            throw new UnavailableException("kafka", "kafka does not answer");
        }
        var done = transactions.run(this::publish);
        if (done.failure().isPresent()) {
            throw done.failure().get();
        }
        return done.rows() == 0 ? TAKEN_PAUSE : Duration.ZERO;
    }

    private Batch publish(Connection connection) throws SQLException {
        var takenAt = System.nanoTime();
        var due = new LinkedHashMap<UUID, DueInvocation>();
        DueStore.take(connection, batch).forEach(row -> due.put(row.id(), row));
        var sends = new Sends(producer);
        var gone = new HashMap<UUID, String>();
        sendReadable(connection, due, sends, gone);
        var over = new HashSet<>(endGone(connection, due, gone, sends));
        for (var id : sends.awaitTaken().keySet()) {
            over.add(id);
            if (!gone.containsKey(id)) {
                lags.record(due.get(id).late().plusNanos(System.nanoTime() - takenAt));
            }
        }
        over.addAll(endRefused(connection, due, sends.refused()));
        DueStore.delete(connection, over);
        if (sends.failure().isEmpty()) {
            putOff(connection, due.keySet().stream().filter(id -> !over.contains(id)).toList());
        }
        goneCount.increment(over.stream().filter(gone::containsKey).count());
        refusedCount.increment(over.stream().filter(sends.refused()::containsKey).count());
        return new Batch(due.size(), sends.failure());
    }

    private void sendReadable(Connection connection, Map<UUID, DueInvocation> due, Sends sends, Map<UUID, String> gone) {
        var wanted = new HashMap<RecordPosition, UUID>();
        due.values().forEach(row -> wanted.put(row.request(), row.id()));
        try {
            requests.read(wanted, (invocation, stored) -> {
                switch (stored) {
                    case Readable readable -> send(connection, due.get(invocation), readable, sends);
                    case Gone(var reason) -> gone.put(invocation, reason);
                }
            });
        } catch (UnavailableException e) {
            sends.failed(e);
        }
    }

    private void send(Connection connection, DueInvocation due, Readable stored, Sends sends) {
        try {
            var deadline = due.deadline(maxAges.of(connection, stored.request().function()), stored.request());
            // whatever the request says, the row to be ended is that of the first one that was accepted under its id
            var request = stored.request().claimedAs(due.attempt(), due.acceptedAt()).forAttempt(due.attempt(), deadline);
            sends.send(due.id(), codec.encodeAgain(Topics.EVENTS, stored.key(), request));
        } catch (UnavailableException | DatabaseException e) {
            throw e;
        } catch (RuntimeException e) { // it is put off
            LOG.atError().addKeyValue("invocationId", due.id()).setCause(e).log("a due invocation cannot be sent");
        }
    }

    private static void putOff(Connection connection, List<UUID> ids) throws SQLException {
        DueStore.putOff(connection, ids);
        ids.stream().findFirst().ifPresent(first -> LOG.atWarn().addKeyValue("count", ids.size()).addKeyValue("firstInvocationId", first)
                .log("put off due invocations whose requests cannot be got at now"));
    }

    /** @return those of which nothing is left to be told */
    private List<UUID> endGone(Connection connection, Map<UUID, DueInvocation> due, Map<UUID, String> gone, Sends sends) throws SQLException {
        var untold = new ArrayList<UUID>();
        for (var each : gone.entrySet()) {
            var row = due.get(each.getKey());
            lastEntries.gone(connection, row, each.getValue())
                    .ifPresentOrElse(entry -> sends.send(row.id(), EntryCodec.encode(entry)), () -> untold.add(row.id()));
        }
        gone.entrySet().stream().findFirst().ifPresent(first -> LOG.atWarn().addKeyValue("count", gone.size())
                .addKeyValue("firstInvocationId", first.getKey()).addKeyValue("firstReason", first.getValue())
                .log("the requests of due invocations are gone"));
        return untold;
    }

    /** @return those that have ended, or of which nothing is left to be told */
    private Set<UUID> endRefused(Connection connection, Map<UUID, DueInvocation> due, Map<UUID, String> refused) throws SQLException {
        var ends = new Sends(producer);
        var over = new HashSet<UUID>();
        for (var each : refused.entrySet()) {
            LOG.atError().addKeyValue("invocationId", each.getKey()).addKeyValue("reason", each.getValue()).log("Kafka refuses the request of a due invocation");
            lastEntries.refused(connection, due.get(each.getKey()), each.getValue())
                    .ifPresentOrElse(entry -> ends.send(entry.id(), EntryCodec.encode(entry)), () -> over.add(each.getKey()));
        }
        over.addAll(ends.awaitTaken().keySet());
        return over;
    }
}
