package io.aerodb.functions.gateway.http;

import io.netty.handler.codec.compression.StandardCompressionOptions;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.regex.Pattern;

/** Compresses answers with gzip for clients that take it, where it is worth it. */
public final class Compression {

    private static final int FASTEST = 1; // it goes on on the event loop
    private static final int WINDOW_BITS = 15;
    private static final int MEMORY_LEVEL = 8;
    private static final int MIN_BYTES = 1024;
    private static final Pattern WORTH_IT = Pattern.compile("text/(?!event-stream).*|application/(.*\\+)?(json|xml|yaml|javascript|wasm)\\b.*|image/svg.*");

    private Compression() {}

    public static void enable(HttpServerOptions options) {
        options.setCompressionSupported(true)
                .addCompressor(StandardCompressionOptions.gzip(FASTEST, WINDOW_BITS, MEMORY_LEVEL))
                .setCompressionContentSizeThreshold(MIN_BYTES);
    }

    /** Before all other handlers: keeps the server from compressing what is compressed already, or must arrive piece by piece. */
    public static void choose(RoutingContext context) {
        context.addHeadersEndHandler(_ -> choose(context.request().headers(), context.response().headers()));
        context.next();
    }

    private static void choose(MultiMap request, MultiMap answer) {
        var type = answer.get(HttpHeaders.CONTENT_TYPE);
        if (type == null || answer.contains(HttpHeaders.CONTENT_ENCODING)) {
            return;
        }
        if (WORTH_IT.matcher(type.toLowerCase(Locale.ROOT)).matches()) {
            answer.add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING); // whatever its size and whoever asks: caches must know
        } else if (request.contains(HttpHeaders.ACCEPT_ENCODING)) {
            answer.set(HttpHeaders.CONTENT_ENCODING, HttpHeaders.IDENTITY);
        }
    }
}
