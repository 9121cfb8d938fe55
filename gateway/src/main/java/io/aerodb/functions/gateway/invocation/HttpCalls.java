package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.invocation.HttpCall;
import io.aerodb.functions.invocation.HttpCall.Header;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What of an HTTP request travels with the invocation. */
final class HttpCalls {

    /** Credentials are ours to check and must not lie on a log; the others concern one connection only. */
    private static final Set<String> LEFT_OUT = Set.of("authorization", "proxy-authorization", "cookie", "apikey", "connection",
            "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect");

    private HttpCalls() {}

    /** @param rest what follows the function's name in the path, without the slash */
    static HttpCall from(HttpServerRequest request, Optional<String> rest) {
        return from(request, rest, Set.of());
    }

    /** @param withheld headers that the function may not see either, in lower case */
    static HttpCall from(HttpServerRequest request, Optional<String> rest, Set<String> withheld) {
        var headers = request.headers().entries().stream()
                .map(header -> new Header(header.getKey().toLowerCase(Locale.ROOT), header.getValue()))
                .filter(header -> !LEFT_OUT.contains(header.name()) && !withheld.contains(header.name()))
                .toList();
        var path = rest.filter(text -> !text.startsWith("/")).map(text -> "/" + text).or(() -> rest).orElse("/");
        return new HttpCall(request.method().name(), path, Optional.ofNullable(request.query()).orElse(""), headers);
    }
}
