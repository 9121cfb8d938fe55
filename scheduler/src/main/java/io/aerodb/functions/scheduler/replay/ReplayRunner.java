package io.aerodb.functions.scheduler.replay;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Replay;
import io.aerodb.functions.invocation.ReplayMarks.Mark;
import io.aerodb.functions.invocation.ReplayMarks;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.StoredRequest.Gone;
import io.aerodb.functions.kafka.StoredRequest.Readable;
import io.aerodb.functions.kafka.StoredRequest;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.scheduler.batch.MaxAges;
import io.aerodb.functions.scheduler.batch.Sends;
import io.aerodb.functions.scheduler.batch.StoredRequests;
import io.aerodb.functions.scheduler.batch.Transactions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes on with bulk replays, one small batch of one replay at a time. What a batch did is noted in the transaction that holds the
 * replay's row, so a crash repeats one batch, with the same ids; workers' claims tell that. For one thread, but any number of
 * schedulers.
 */
public final class ReplayRunner {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayRunner.class);
    private static final Duration POLL = Duration.ofMillis(250);
    /** Every replay whose turn it is is in the hands of other schedulers. */
    private static final Duration TAKEN_PAUSE = Duration.ofMillis(20);

    private final String scheduler;
    private final ReplayStore store;
    private final Transactions transactions;
    private final StoredRequests requests;
    private final RequestCodec codec;
    private final Producer<byte[], byte[]> producer;
    private final MaxAges maxAges;
    private final BooleanSupplier kafkaIsThere;
    private final Counter replayedCount;
    private final Clock clock;
    private Optional<RunningReplay> taken = Optional.empty();

    /**
     * @param scheduler this instance's name
     * @param kafkaIsThere while it is not, no replay is held
     */
    public ReplayRunner(String scheduler, Database database, StoredRequests requests, RequestCodec codec, Producer<byte[], byte[]> producer,
            BooleanSupplier kafkaIsThere, MeterRegistry metrics, Clock clock) {
        this.scheduler = scheduler;
        this.store = new ReplayStore(database);
        this.transactions = new Transactions(database);
        this.requests = requests;
        this.codec = codec;
        this.producer = producer;
        this.maxAges = new MaxAges();
        this.kafkaIsThere = kafkaIsThere;
        this.replayedCount = Counter.builder("scheduler.replayed").description("Invocations that bulk replays have put on the events lane")
                .register(metrics);
        this.clock = clock;
    }

    /**
     * Takes a batch of the replay whose turn it is, if there is one.
     *
     * @return until when none has its turn
     * @throws UnavailableException if Kafka or PostgreSQL is away; the batch is then taken again
     */
    public Duration goOn() {
        var wait = store.untilNext().orElse(POLL);
        if (wait.isPositive()) {
            return wait.compareTo(POLL) < 0 ? wait : POLL;
        }
        if (!kafkaIsThere.getAsBoolean()) {
            throw new UnavailableException("kafka", "kafka does not answer");
        }
        taken = Optional.empty();
        try {
            return transactions.run(this::takeBatch) ? Duration.ZERO : TAKEN_PAUSE;
        } catch (RuntimeException e) {
            taken.ifPresent(replay -> putOff(replay, e));
            throw e;
        }
    }

    /** It would have its turn again at once, and nobody else. */
    private void putOff(RunningReplay replay, RuntimeException failure) {
        LOG.atWarn().addKeyValue("replay", replay.id()).addKeyValue("function", replay.function()).log("a batch of a replay failed; others go first");
        try {
            store.putOff(replay.id());
        } catch (UnavailableException | DatabaseException e) {
            failure.addSuppressed(e);
        }
    }

    /** @return whether there was a replay to go on with */
    private boolean takeBatch(Connection connection) throws SQLException {
        taken = ReplayStore.take(connection);
        if (taken.isEmpty()) {
            return false;
        }
        var replay = taken.get();
        var version = version(connection, replay);
        if (replay.version() != null && version.isEmpty()) {
            LOG.atWarn().addKeyValue("replay", replay.id()).addKeyValue("function", replay.function()).addKeyValue("version", replay.version())
                    .log("cancelled a replay: the version that it was to run is gone");
            ReplayStore.finish(connection, replay, "cancelled");
            return true;
        }
        var limit = replay.batch();
        var originals = Originals.next(connection, replay, limit);
        var dealtWith = originals.isEmpty() ? 0 : replay(connection, replay, version, originals);
        if (dealtWith == originals.size() && (originals.size() < limit || limit == replay.left())) {
            ReplayStore.finish(connection, replay, "completed");
            LOG.atInfo().addKeyValue("replay", replay.id()).addKeyValue("function", replay.function()).log("completed a replay");
        }
        return true;
    }

    private static Optional<VersionRef> version(Connection connection, RunningReplay replay) throws SQLException {
        return replay.version() == null
                ? Optional.empty()
                : FunctionStore.findVersion(connection, new FunctionName(replay.function()), replay.version());
    }

    /** @return how many of the originals, from the first, need not be looked at again */
    private int replay(Connection connection, RunningReplay replay, Optional<VersionRef> version, List<Original> originals) throws SQLException {
        var batch = new Batch(connection, replay, version);
        batch.send(originals);
        batch.sendDeadLetters();
        batch.tellTaken();
        var done = originals.stream().takeWhile(batch::isDealtWith).map(Original::position).toList();
        if (done.isEmpty()) {
            throw new UnavailableException("kafka", "kafka did not hand out the requests to replay in time");
        }
        var replayed = done.stream().filter(position -> batch.sent.containsKey(position.invocation()))
                .map(position -> new Mark(position.invocation(), position.acceptedAt(), newId(replay, position.invocation()).value())).toList();
        ReplayMarks.write(connection, replayed);
        ReplayStore.advance(connection, replay, replayed.size(), done.size() - replayed.size(), done.getLast(), done.size() == originals.size());
        replayedCount.increment(replayed.size());
        return done.size();
    }

    private static InvocationId newId(RunningReplay replay, UUID original) {
        return InvocationId.named(replay.id(), original.toString());
    }

    private final class Batch {

        private final Connection connection;
        private final RunningReplay replay;
        private final Optional<VersionRef> version;
        private final Sends sends = new Sends(producer);
        /** Without payloads, by the original's id. */
        private final Map<UUID, InvocationRequest> sent = new HashMap<>();
        private final Set<UUID> gone = new HashSet<>();

        Batch(Connection connection, RunningReplay replay, Optional<VersionRef> version) {
            this.connection = connection;
            this.replay = replay;
            this.version = version;
        }

        void send(List<Original> originals) {
            var wanted = new HashMap<RecordPosition, UUID>();
            originals.forEach(original -> wanted.put(original.request(), original.position().invocation()));
            requests.read(wanted, this::found);
        }

        /** Where a request is gone, its dead letter may still be there. */
        void sendDeadLetters() throws SQLException {
            if (!gone.isEmpty()) {
                var letters = Originals.deadLetters(connection, gone);
                gone.removeAll(letters.values());
                requests.read(letters, this::found);
            }
        }

        /** Waits for what was sent, and lets it be seen, and cancelled, from then on. What Kafka refuses is as good as gone. */
        void tellTaken() {
            var positions = taken(sends);
            sends.refused().forEach((invocation, reason) -> LOG.atWarn().addKeyValue("replay", replay.id()).addKeyValue("invocationId", invocation)
                    .addKeyValue("reason", reason).log("Kafka refuses the request of a replay"));
            sent.entrySet().removeIf(each -> sends.refused().containsKey(each.getValue().id().value()) && gone.add(each.getKey()));
            var entries = new Sends(producer);
            sent.values().forEach(request -> entries.send(request.id().value(), EntryCodec.encode(
                    InvocationEntry.accepted(request, positions.get(request.id().value()), scheduler))));
            taken(entries);
        }

        private static Map<UUID, RecordPosition> taken(Sends sends) {
            var positions = sends.awaitTaken();
            if (sends.failure().isPresent()) {
                throw sends.failure().get();
            }
            return positions;
        }

        boolean isDealtWith(Original original) {
            var invocation = original.position().invocation();
            return sent.containsKey(invocation) || gone.contains(invocation);
        }

        private void found(UUID original, StoredRequest stored) {
            switch (stored) {
                case Readable(var request, var key) -> send(original, request, key);
                case Gone _ -> gone.add(original);
            }
        }

        private void send(UUID original, InvocationRequest request, byte @Nullable [] key) {
            var function = version.orElse(request.function());
            var waited = Duration.between(replay.batchAt(), clock.instant()); // longer than a moment if nobody was there
            var again = Replay.of(request, function, newId(replay, original), replay.batchAt(), waited.plus(maxAges.of(connection, function)));
            sends.send(again.id().value(), codec.encode(Topics.EVENTS, key, again));
            sent.put(original, again.withoutPayload());
        }
    }
}
