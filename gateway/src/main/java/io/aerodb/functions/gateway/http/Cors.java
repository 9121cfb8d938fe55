package io.aerodb.functions.gateway.http;

import io.aerodb.functions.function.CorsOrigins;
import io.aerodb.functions.function.DeployedFunction;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells browsers which web pages may call (the CORS protocol of the Fetch standard). It is no access control: tokens are, and as none of
 * them is a cookie, a page can only send one that it has. A function that is not there is answered like one that any page may call.
 */
public final class Cors {

    private static final String ORIGIN = "origin";
    private static final String ALLOW_ORIGIN = "access-control-allow-origin";
    private static final String WANTED_METHOD = "access-control-request-method";
    private static final String WANTED_HEADERS = "access-control-request-headers";
    private static final String MAX_AGE_SECONDS = "3600";
    private static final String SHOWN = "x-invocation-id, x-function-version, server-timing, location, retry-after, preference-applied, idempotent-replayed";
    private static final Pattern TOKENS = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z, -]{1,4096}");

    private Cors() {}

    public static boolean isPreflight(HttpServerRequest request) {
        return request.method().equals(HttpMethod.OPTIONS) && request.headers().contains(ORIGIN) && request.headers().contains(WANTED_METHOD);
    }

    /** Lets the page that calls a function read the answer, if it may. */
    public static void answerTo(RoutingContext context, Optional<DeployedFunction> function) {
        allow(context, origins(function));
    }

    /** Lets every page read the answer, and goes on. */
    public static void allowAny(RoutingContext context) {
        allow(context, CorsOrigins.ANY);
        context.next();
    }

    /** Answers whether a page may call a function. */
    public static void preflight(RoutingContext context, Optional<DeployedFunction> function) {
        preflight(context, origins(function));
    }

    /** Answers that every page may call. */
    public static void preflightAny(RoutingContext context) {
        preflight(context, CorsOrigins.ANY);
    }

    private static void preflight(RoutingContext context, CorsOrigins origins) {
        var request = context.request();
        var headers = context.response().headers();
        allow(context, origins);
        if (headers.contains(ALLOW_ORIGIN)) {
            echo(request.getHeader(WANTED_METHOD)).ifPresent(method -> headers.set("access-control-allow-methods", method));
            echo(request.getHeader(WANTED_HEADERS)).ifPresent(names -> headers.set("access-control-allow-headers", names));
            headers.set("access-control-max-age", MAX_AGE_SECONDS);
            headers.add(HttpHeaders.VARY, WANTED_METHOD + ", " + WANTED_HEADERS);
        }
        context.response().setStatusCode(204).end();
    }

    private static void allow(RoutingContext context, CorsOrigins origins) {
        var origin = context.request().getHeader(ORIGIN);
        var headers = context.response().headers();
        headers.set(HttpHeaders.VARY, ORIGIN); // also where there is none: no page may get what was kept for another one, or for none
        if (origin == null) {
            return;
        }
        headers.remove(ALLOW_ORIGIN).remove("access-control-expose-headers");
        origins.allowed(origin).ifPresent(allowed -> headers.set(ALLOW_ORIGIN, allowed).set("access-control-expose-headers", SHOWN));
    }

    private static CorsOrigins origins(Optional<DeployedFunction> function) {
        return function.filter(known -> known.config().enabled()).map(known -> known.config().corsOrigins()).orElse(CorsOrigins.ANY);
    }

    private static Optional<String> echo(@Nullable String header) {
        return Optional.ofNullable(header).filter(value -> TOKENS.matcher(value).matches());
    }
}
