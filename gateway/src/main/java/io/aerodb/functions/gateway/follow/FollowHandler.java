package io.aerodb.functions.gateway.follow;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.gateway.follow.Followers.Opening;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.outcome.LogQuery;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** {@code GET /functions/v1/{name}/logs} for those who accept {@code text/event-stream}: invocations as they are told of. */
public final class FollowHandler {

    private final Followers followers;
    private final FunctionRegistry registry;
    private final Authenticator authenticator;
    private final BlockingCalls threads;

    private record Opened(Opening opening, UUID function) {}

    /** @param threads for what may wait for Kafka or the database */
    public FollowHandler(Followers followers, FunctionRegistry registry, Authenticator authenticator, BlockingCalls threads) {
        this.followers = followers;
        this.registry = registry;
        this.authenticator = authenticator;
        this.threads = threads;
    }

    /** Goes on to the next handler, which answers with a page, if the caller accepts no events, or wants no body in which they could come. */
    public void follow(RoutingContext context) {
        if (context.request().method().equals(HttpMethod.HEAD) || !acceptsEvents(context.request())) {
            context.next();
            return;
        }
        var caller = authenticator.service(context.request());
        var name = new FunctionName(context.pathParam("name"));
        var filter = filter(name, context);
        var cursor = followers.cursor(context.request().getHeader("Last-Event-ID"));
        var address = Optional.ofNullable(context.request().remoteAddress()).map(SocketAddress::hostAddress).orElse("");
        var seat = followers.admit(caller.user().orElse(address));
        threads.run(() -> {
            var id = registry.find(name).orElseThrow(() -> new ProblemException(Problem.functionNotFound(name.value()))).id();
            return new Opened(seat.open(cursor), id);
        }).onSuccess(opened -> seat.begin(context, opened.opening(), filter, () -> exists(name, opened.function()))).onFailure(failure -> {
            seat.leave();
            context.fail(failure);
        });
    }

    /** Another function may have the name by now. */
    private boolean exists(FunctionName name, UUID id) {
        return registry.cached(name).filter(function -> function.id().equals(id)).isPresent();
    }

    private static EntryFilter filter(FunctionName name, RoutingContext context) {
        for (var parameter : List.of("limit", "after")) {
            if (context.queryParams().contains(parameter)) {
                throw new ProblemException(Problem.invalidRequest("a stream has no pages: leave the query parameter '" + parameter
                        + "' out, and send the header Last-Event-ID to go on where another stream ended"));
            }
        }
        return new EntryFilter(LogQuery.parse(name, new QueryParameters(context.queryParams())));
    }

    /** Whether one of the media types is that of events; a wildcard is not. */
    private static boolean acceptsEvents(HttpServerRequest request) {
        return request.headers().getAll(HttpHeaders.ACCEPT).stream()
                .flatMap(header -> Arrays.stream(header.split(",")))
                .map(type -> type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .anyMatch("text/event-stream"::equals);
    }
}
