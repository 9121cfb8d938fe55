package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.idempotency.IdempotentStart;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.lane.EventsLane;
import io.aerodb.functions.gateway.lane.RecordReaders;
import io.aerodb.functions.gateway.outcome.InvocationLookup;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.kafka.RecordKeys;
import io.vertx.ext.web.Router;
import java.time.Clock;

/** The calls that run recorded requests again. */
public final class Replays {

    private final ReplayHandler one;
    private final BulkReplaysHandler many;

    /**
     * @param threads for what asks the database
     * @param reads for what reads requests
     */
    public Replays(Database database, FunctionRegistry functions, FunctionStore store, Authenticator authenticator, InvocationLookup lookup,
            IdempotentStart start, EventsLane lane, RecordReaders readers, RecordKeys keys, BlockingCalls threads, BlockingCalls reads, Clock clock) {
        var requests = new RecordedRequests(readers, keys, new DeadLetterList(database));
        one = new ReplayHandler(lookup, new SingleReplay(requests, functions, store, clock), database, start, lane,
                authenticator, threads, reads, clock);
        many = new BulkReplaysHandler(new BulkReplays(database), functions, store, authenticator, threads, clock);
    }

    /** Adds the calls under {@code /functions/v1}. */
    public void mount(Router router) {
        one.mount(router);
        many.mount(router);
    }
}
