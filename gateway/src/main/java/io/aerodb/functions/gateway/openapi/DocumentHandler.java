package io.aerodb.functions.gateway.openapi;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/** Shows the document. */
public final class DocumentHandler {

    private final Buffer json;
    private final Buffer yaml;

    public DocumentHandler(ApiDocument document) {
        this.json = Buffer.buffer(document.json());
        this.yaml = Buffer.buffer(document.yaml());
    }

    public void register(Operations operations) {
        operations.handle("documentAsJson", context -> answer(context, "application/json", json));
        operations.handle("documentAsYaml", context -> answer(context, "application/yaml", yaml));
    }

    private static void answer(RoutingContext context, String contentType, Buffer body) {
        context.response().putHeader(HttpHeaders.CONTENT_TYPE, contentType).end(body);
    }
}
