package io.aerodb.functions.gateway.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What may be done at a path, by the routes that lead there. */
final class AllowedMethods {

    private final Router router;

    AllowedMethods(Router router) {
        this.router = router;
    }

    /** The value of the header {@code Allow} for a path that is there, but not for the method that was tried. */
    String at(String path) {
        return router.getRoutes().stream()
                .filter(route -> route.methods() != null && leadsTo(route, path))
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static boolean leadsTo(Route route, String path) {
        if (route.getPath() == null) {
            return false;
        }
        var wanted = route.getPath().split("/");
        var given = path.split("/");
        return (route.isExactPath() ? given.length == wanted.length : given.length >= wanted.length)
                && IntStream.range(0, wanted.length).allMatch(i -> wanted[i].startsWith(":") || wanted[i].equals(given[i]));
    }
}
