package io.aerodb.functions.gateway;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.gateway.deadletter.DeadLettersHandler;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.idempotency.ExpiredKeys;
import io.aerodb.functions.gateway.idempotency.IdempotencyKeys;
import io.aerodb.functions.gateway.idempotency.IdempotentStart;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.invocation.AsyncCalls;
import io.aerodb.functions.gateway.invocation.KeyedCalls;
import io.aerodb.functions.gateway.lane.EventsLane;
import io.aerodb.functions.gateway.lane.RecordReaders;
import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.gateway.outcome.InvocationLookup;
import io.aerodb.functions.gateway.outcome.InvocationWatch;
import io.aerodb.functions.gateway.outcome.InvocationsHandler;
import io.aerodb.functions.gateway.outcome.StoredResults;
import io.aerodb.functions.gateway.replay.Replays;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.telemetry.Tracing;
import io.vertx.core.Vertx;
import java.time.Clock;

/** The parts of a gateway for what goes on without its caller waiting: asynchronous and repeated calls, their results, and replays. */
final class DeliveryApi {

    private static final int READERS = 4;
    private static final int MAX_WAITING = 1000;

    private final EventsLane lane;
    private final RecordReaders readers;
    private final IdempotentStart start;
    private final StoredResults results;
    private final InvocationLookup lookup;
    private final BlockingCalls threads;
    private final BlockingCalls reads;

    /**
     * @param parts what is to be closed is added to these
     * @param partitions of the events lane
     * @throws InterruptedException if the gateway is to be stopped before Kafka is there
     */
    DeliveryApi(ShutdownSequence parts, GatewaySettings settings, String instance, int partitions, Database database, Vertx vertx, Tracing tracing, Clock clock)
            throws InterruptedException {
        threads = new BlockingCalls(vertx, "delivery", settings.database().poolSize() / 2, MAX_WAITING); // connections are left for all others
        reads = new BlockingCalls(vertx, "log-reads", READERS, MAX_WAITING);
        lane = parts.add("events-lane", new EventsLane(settings.kafka(), settings.recordKeys(), instance, partitions, vertx, tracing));
        lane.start();
        readers = parts.add("record-readers", new RecordReaders(settings.kafka(), READERS));
        var log = new InvocationLog(database);
        results = new StoredResults(readers);
        var watch = parts.add("invocation-watch", new InvocationWatch(log, vertx));
        watch.start();
        lookup = new InvocationLookup(log, watch, threads, clock);
        var keys = new IdempotencyKeys(database);
        parts.add("expired-keys", new ExpiredKeys(keys)).start();
        start = new IdempotentStart(keys, log, clock);
    }

    AsyncCalls asyncCalls() {
        return new AsyncCalls(lane);
    }

    KeyedCalls keyedCalls() {
        return new KeyedCalls(start, results, threads, reads);
    }

    void register(Operations operations, GatewaySettings settings, Database database, FunctionStore store, FunctionRegistry registry,
            Authenticator authenticator, Clock clock) {
        new InvocationsHandler(lookup, results, database, lane, authenticator, threads, reads, clock).register(operations);
        new Replays(database, registry, store, authenticator, lookup, start, lane, readers, settings.recordKeys(), threads, reads, clock)
                .register(operations);
        new DeadLettersHandler(new DeadLetterList(database), authenticator, threads).register(operations);
    }
}
