package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Reply;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The calls that wait for a reply. Each one is completed exactly once and on the event loop it came from, because an answer
 * must not be written from a Kafka thread. Thread-safe.
 */
final class PendingReplies {

    private final Vertx vertx;
    private final Map<InvocationId, Pending> pending = new ConcurrentHashMap<>();

    PendingReplies(Vertx vertx) {
        this.vertx = vertx;
    }

    private record Pending(Context context, Promise<Optional<Reply>> promise, long timer) {}

    /**
     * Starts to wait. Call on an event loop.
     *
     * @return the reply, or empty if none came in time
     */
    Future<Optional<Reply>> await(InvocationId id, Duration patience) {
        var promise = Promise.<Optional<Reply>>promise();
        var timer = vertx.setTimer(Math.max(1, patience.toMillis()), _ -> giveUp(id));
        pending.put(id, new Pending(vertx.getOrCreateContext(), promise, timer));
        return promise.future();
    }

    boolean isAwaited(InvocationId id) {
        return pending.containsKey(id);
    }

    void complete(Reply reply) {
        take(reply.id()).ifPresent(call -> call.context().runOnContext(_ -> call.promise().complete(Optional.of(reply))));
    }

    void fail(InvocationId id, Throwable failure) {
        take(id).ifPresent(call -> call.context().runOnContext(_ -> call.promise().fail(failure)));
    }

    int size() {
        return pending.size();
    }

    private void giveUp(InvocationId id) {
        take(id).ifPresent(call -> call.promise().complete(Optional.empty()));
    }

    private Optional<Pending> take(InvocationId id) {
        var call = Optional.ofNullable(pending.remove(id));
        call.ifPresent(found -> vertx.cancelTimer(found.timer()));
        return call;
    }
}
