package io.aerodb.functions.gateway.function;

import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The parts of a deployment as they arrive, kept in memory and bounded: nothing is written to disk, and a request that is too
 * large is refused before it is read whole.
 */
final class Upload {

    private static final Set<String> PARTS = Set.of("name", "wasm", "config");
    static final int MAX_OTHER_BYTES = 256 * 1024;

    private final HttpServerRequest request;
    private final int maxModuleBytes;
    private final Map<String, Buffer> files = new HashMap<>();
    private final Promise<Parts> promise = Promise.promise();
    private ClosingBoundary boundary = new ClosingBoundary("");

    /** @param config null where it was left out */
    record Parts(String name, byte[] wasm, Optional<String> config) {}

    private Upload(HttpServerRequest request, int maxModuleBytes) {
        this.request = request;
        this.maxModuleBytes = maxModuleBytes;
    }

    /**
     * Call before the request's body is read. The future fails with a {@link ProblemException} that names the wrong part, and also if the
     * request was answered or its client has gone before all of it was there.
     */
    static Future<Parts> receive(RoutingContext context, int maxModuleBytes) {
        var upload = new Upload(context.request(), maxModuleBytes);
        context.addEndHandler(_ -> upload.giveUp());
        try {
            return upload.receive();
        } catch (RuntimeException e) { // the decoder looks at the content type first, and throws whatever it stumbles on
            return Future.failedFuture(wrong("the content type has a charset or a boundary that cannot be used"));
        }
    }

    private Future<Parts> receive() {
        var contentType = Optional.ofNullable(request.getHeader(HttpHeaders.CONTENT_TYPE)).orElse("");
        if (!contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
            return Future.failedFuture(wrong("send the parts 'name' and 'wasm', and optionally 'config', as multipart/form-data"));
        }
        if (contentLength() > maxModuleBytes + MAX_OTHER_BYTES) {
            return Future.failedFuture(tooLarge());
        }
        boundary = new ClosingBoundary(contentType);
        request.setExpectMultipart(true)
                .handler(boundary::received)
                .uploadHandler(this::receiveFile)
                .exceptionHandler(_ -> promise.tryFail(wrong("the multipart body cannot be read; check its boundary and its parts' headers")))
                .endHandler(_ -> finish());
        return promise.future();
    }

    private void receiveFile(HttpServerFileUpload file) {
        var content = Buffer.buffer();
        if (!PARTS.contains(file.name())) {
            promise.tryFail(unknown(file.name()));
        } else if (files.putIfAbsent(file.name(), content) != null) {
            promise.tryFail(twice(file.name()));
        }
        var limit = file.name().equals("wasm") ? maxModuleBytes : MAX_OTHER_BYTES;
        file.handler(chunk -> {
            if (promise.future().isComplete()) {
                return; // already refused
            }
            if (content.length() + chunk.length() > limit) {
                files.clear();
                promise.tryFail(file.name().equals("wasm") ? tooLarge() : wrong("the part '" + file.name() + "' is too large"));
            } else {
                content.appendBuffer(chunk);
            }
        });
    }

    private void giveUp() {
        files.clear();
        promise.tryFail(wrong("the request ended before all of it was there"));
    }

    private void finish() {
        if (promise.future().isComplete()) {
            return;
        }
        if (!boundary.isThere()) {
            promise.tryFail(wrong("the multipart body ends before its closing boundary: it was cut off"));
            return;
        }
        try {
            promise.tryComplete(parts());
        } catch (ProblemException e) {
            promise.tryFail(e);
        }
    }

    private Parts parts() {
        var fields = request.formAttributes();
        for (var name : fields.names()) {
            if (!PARTS.contains(name)) {
                throw unknown(name);
            }
            if (fields.getAll(name).size() > 1 || files.containsKey(name)) {
                throw twice(name);
            }
        }
        if (fields.contains("wasm")) {
            throw wrong("send the part 'wasm' as a file, for example with curl -F wasm=@hello.wasm");
        }
        var wasm = Optional.ofNullable(files.get("wasm")).orElseThrow(() -> wrong("the part 'wasm' is missing"));
        var name = field("name").orElseThrow(() -> wrong("the part 'name' is missing"));
        return new Parts(name, wasm.getBytes(), field("config"));
    }

    private Optional<String> field(String name) {
        return Optional.ofNullable(request.formAttributes().get(name))
                .or(() -> Optional.ofNullable(files.get(name)).map(content -> content.toString("UTF-8")));
    }

    private long contentLength() {
        try {
            return Long.parseLong(Optional.ofNullable(request.getHeader(HttpHeaders.CONTENT_LENGTH)).orElse("0"));
        } catch (NumberFormatException e) {
            return 0; // the server has checked it; without a length the parts are counted as they come
        }
    }

    private ProblemException tooLarge() {
        return new ProblemException(Problem.invalidFunction("wasm_too_large", "a module may have at most " + maxModuleBytes + " bytes"));
    }

    private static ProblemException unknown(String part) {
        return wrong("there is no part '" + part + "': send 'name', 'wasm' and optionally 'config'");
    }

    private static ProblemException twice(String part) {
        return wrong("the part '" + part + "' stands twice");
    }

    private static ProblemException wrong(String detail) {
        return new ProblemException(Problem.invalidRequest(detail));
    }
}
