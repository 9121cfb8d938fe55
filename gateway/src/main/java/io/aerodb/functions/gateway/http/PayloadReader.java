package io.aerodb.functions.gateway.http;

import io.aerodb.functions.gateway.http.PayloadMemory.Share;
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
    private final PayloadMemory memory;

    /** @param memory where all payloads that are held find room, or are refused */
    public PayloadReader(long maxBytes, PayloadMemory memory) {
        this.maxBytes = maxBytes;
        this.memory = memory;
    }

    /** For payloads so small and rare that together they need no bound. */
    public PayloadReader(long maxBytes) {
        this(maxBytes, new PayloadMemory(Long.MAX_VALUE, () -> { }));
    }

    /** What has come so far. The request knows it to its end, so the bytes must not stay here when they have been handed over. */
    private static final class Payload {

        private final Share memory;
        private Buffer bytes = Buffer.buffer();

        private Payload(Share memory) {
            this.memory = memory;
        }

        private byte[] take() {
            var taken = bytes.getBytes();
            bytes = Buffer.buffer();
            return taken;
        }
    }

    /**
     * Goes on to the next handler with the whole payload, or fails: with 413, or with 429 where there is no room. The next handler
     * has to see that the {@link #memory} is released.
     */
    public void read(RoutingContext context) {
        var request = context.request();
        var announced = announcedLength(request);
        if (announced > maxBytes) {
            context.fail(tooLarge());
            return;
        }
        if (!memory.hasRoomFor(announced)) {
            context.fail(memory.refusal());
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            context.response().writeContinue();
        }
        var payload = new Payload(memory.share());
        context.addEndHandler(_ -> { // refused, answered before all of it was there, or the caller has gone
            if (context.get(PAYLOAD) == null) {
                payload.memory.release();
                payload.bytes = Buffer.buffer();
            }
        });
        request.handler(chunk -> {
            if (context.failed() || context.response().ended()) {
                return;
            }
            if (payload.bytes.length() + chunk.length() > maxBytes) {
                context.fail(tooLarge());
            } else if (!payload.memory.add(chunk.length())) {
                context.fail(memory.refusal());
            } else {
                payload.bytes.appendBuffer(chunk);
            }
        });
        request.endHandler(_ -> {
            if (!context.failed()) {
                context.put(PAYLOAD, payload);
                context.next();
            }
        });
    }

    /** Hands the payload over: it is kept nowhere else, so it can be had once. */
    public static byte[] take(RoutingContext context) {
        Payload payload = context.get(PAYLOAD);
        return payload.take();
    }

    /** What the payload takes, for as long as it is needed. */
    public static Share memory(RoutingContext context) {
        Payload payload = context.get(PAYLOAD);
        return payload.memory;
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
