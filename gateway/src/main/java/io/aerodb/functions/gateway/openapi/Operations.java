package io.aerodb.functions.gateway.openapi;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** The handlers of the operations in the document. To add an operation, describe it there and name its handler here. */
public final class Operations {

    private final ApiDocument document;
    private final Map<String, List<Handler<RoutingContext>>> handlers = new LinkedHashMap<>();

    public Operations(ApiDocument document) {
        this.document = document;
    }

    /**
     * Names what handles an operation.
     *
     * @param steps one after the other; each but the last goes on to the next or fails
     * @throws IllegalStateException if the operation has a handler already
     */
    @SafeVarargs
    public final void handle(String operationId, Handler<RoutingContext>... steps) {
        var inOrder = new ArrayList<Handler<RoutingContext>>();
        for (var step : steps) {
            inOrder.add(step);
        }
        if (handlers.putIfAbsent(operationId, inOrder) != null) {
            throw new IllegalStateException("the operation '" + operationId + "' has two handlers");
        }
    }

    /**
     * Makes the routes.
     *
     * @param first by the operation's id, what sees each of its requests before its handlers and goes on to them
     * @throws IllegalStateException naming operations without a handler, and handlers without an operation
     */
    public void bind(Router router, Function<String, Handler<RoutingContext>> first) {
        var operations = document.operations();
        var ids = operations.stream().map(Operation::id).toList();
        refuse("the OpenAPI document has operations without a handler: ", ids.stream().filter(id -> !handlers.containsKey(id)));
        refuse("handlers are of no operation in the OpenAPI document: ", handlers.keySet().stream().filter(id -> !ids.contains(id)));
        for (var operation : operations) {
            var steps = new ArrayList<>(handlers.get(operation.id()));
            steps.addFirst(first.apply(operation.id()));
            bind(route(router, operation, operation.route()), steps);
            if (operation.subpaths()) {
                bind(route(router, operation, operation.route() + "/*"), steps);
            }
        }
    }

    private static Route route(Router router, Operation operation, String path) {
        var route = operation.anyMethod() ? router.route(path) : router.route(operation.method(), path);
        return operation.method().equals(HttpMethod.GET) ? route.method(HttpMethod.HEAD) : route;
    }

    private static void bind(Route route, List<Handler<RoutingContext>> steps) {
        steps.forEach(route::handler);
    }

    private static void refuse(String complaint, Stream<String> ids) {
        var found = ids.toList();
        if (!found.isEmpty()) {
            throw new IllegalStateException(complaint + new TreeSet<>(found));
        }
    }
}
