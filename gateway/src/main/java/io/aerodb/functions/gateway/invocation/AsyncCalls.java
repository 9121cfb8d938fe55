package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.lane.EventsLane;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationStatus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.Optional;

/** Calls whose callers are answered as soon as the request is safe, and ask later what became of it. */
public final class AsyncCalls {

    private final EventsLane lane;

    public AsyncCalls(EventsLane lane) {
        this.lane = lane;
    }

    /**
     * Answers 202 once the request is on the log.
     *
     * @param startAt when it is to start; empty for at once
     * @return fails, with nothing answered, if Kafka did not take it
     */
    Future<Void> answer(RoutingContext context, InvocationRequest request, Optional<Instant> startAt) {
        var status = startAt.isPresent() ? InvocationStatus.SCHEDULED : InvocationStatus.ACCEPTED;
        Future<?> taken = startAt.isPresent() ? lane.delay(request, startAt.get()) : lane.accept(request, null);
        return taken.map(_ -> {
            context.response().putHeader("preference-applied", "respond-async");
            accepted(context, request.id(), request.function().name().value(), request.function().version(), status.label());
            return null;
        });
    }

    /** Answers 202 with where to ask. */
    public static void accepted(RoutingContext context, InvocationId id, String function, int version, String status) {
        var location = location(id);
        context.response().putHeader("location", location);
        Answers.identify(context.response(), id, version);
        Answers.json(context, 202, new JsonObject()
                .put("id", id.toString())
                .put("function", function)
                .put("version", version)
                .put("status", status)
                .put("location", location));
    }

    /** Answers 202 once the request of a sender that never waits for a result is on the log. @return fails, with nothing answered, if Kafka did not take it */
    Future<Void> take(RoutingContext context, InvocationRequest request) {
        return lane.accept(request, null).map(_ -> {
            accepted(context, request.id(), request.function().name().value(), request.function().version(), InvocationStatus.ACCEPTED.label());
            return null;
        });
    }

    /** Fails with 409 and tells where to ask. */
    public static Future<Void> inProgress(RoutingContext context, InvocationId id) {
        context.response().putHeader("location", location(id));
        return Future.failedFuture(new ProblemException(Problem.inProgress().about(id)));
    }

    private static String location(InvocationId id) {
        return "/functions/v1/invocations/" + id;
    }
}
