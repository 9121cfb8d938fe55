package io.aerodb.functions.gateway.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * Reads a payload byte for byte, whatever its content type says, and no further than its limit: forms and uploads are the
 * function's to understand.
 */
public final class PayloadReader {

    private static final String PAYLOAD = "payload";

    private final long maxBytes;

    public PayloadReader(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Goes on to the next handler with the whole payload, or fails with 413. */
    public void read(RoutingContext context) {
        var request = context.request();
        if (announcedLength(request) > maxBytes) {
            context.fail(tooLarge());
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            context.response().writeContinue();
        }
        var payload = Buffer.buffer();
        request.exceptionHandler(_ -> { }); // the caller has gone: there is nobody to answer
        request.handler(chunk -> {
            if (context.failed()) {
                return;
            }
            if (payload.length() + chunk.length() > maxBytes) {
                context.fail(tooLarge());
            } else {
                payload.appendBuffer(chunk);
            }
        });
        request.endHandler(_ -> {
            if (!context.failed()) {
                context.put(PAYLOAD, payload);
                context.next();
            }
        });
    }

    public static byte[] payload(RoutingContext context) {
        Buffer payload = context.get(PAYLOAD);
        return payload.getBytes();
    }

    private ProblemException tooLarge() {
        return new ProblemException(Problem.payloadTooLarge(maxBytes));
    }

    private static long announcedLength(HttpServerRequest request) {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0; // the server has checked it; it is counted as it comes
        }
    }
}
