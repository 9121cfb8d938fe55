package io.aerodb.functions.gateway.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.gateway.http.LocalServer;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.error.YAMLException;

class OperationsTest {

    /** What a parameter may stand for comes before what is meant word for word. */
    private static final ApiDocument DOCUMENT = ApiDocument.parse("""
            paths:
              /things/{name}:
                parameters: []
                get: {operationId: show}
                post: {operationId: change}
              /things/{name}/parts: {get: {operationId: parts}}
              /things/run/{name}:
                x-subpaths: true
                post: {operationId: run, x-any-method: true}
              /things/all: {post: {operationId: all}}
            """);

    @Test
    void bindsEachOperationToItsHandler() {
        try (var server = new LocalServer(OperationsTest::bindAll)) {
            assertEquals("show one", server.get("/things/one").text());
            assertEquals("change one", server.send("POST", "/things/one", "").text());
            assertEquals("all null", server.send("POST", "/things/all", "").text());
            assertEquals("parts one", server.get("/things/one/parts").text());
            assertEquals(405, server.send("PUT", "/things/one", "").status());
            assertEquals(404, server.get("/things").status());
        }
    }

    @Test
    void bindsAllMethodsAndSubpathsWhereTheDocumentSaysSo() {
        try (var server = new LocalServer(OperationsTest::bindAll)) {
            for (var method : new String[] {"GET", "DELETE", "OPTIONS", "PROPFIND"}) {
                assertEquals("run one", server.send(method, "/things/run/one", "").text());
                assertEquals("run one", server.send(method, "/things/run/one/two/three", "").text());
            }
            assertEquals("run parts", server.get("/things/run/parts").text(), "what stands there word for word is meant first");
        }
    }

    @Test
    void takesTheStepsOfAHandlerInTheirOrder() {
        try (var server = new LocalServer(router -> {
            var operations = new Operations(ApiDocument.parse("paths: {/a: {get: {operationId: a}}}"));
            operations.handle("a", context -> context.put("step", 1).next(), context -> context.end("after " + context.get("step")));
            operations.bind(router, _ -> RoutingContext::next);
        })) {
            assertEquals("after 1", server.get("/a").text());
        }
    }

    @Test
    void refusesWhatIsOnlyInTheDocumentOrOnlyInTheCode() throws Exception {
        var vertx = Vertx.vertx();
        try {
            var router = Router.router(vertx);
            var lacking = new Operations(DOCUMENT);
            lacking.handle("show", RoutingContext::end);
            var missing = assertThrows(IllegalStateException.class, () -> lacking.bind(router, _ -> RoutingContext::next));
            assertTrue(missing.getMessage().endsWith("without a handler: [all, change, parts, run]"), missing.getMessage());
            var extra = all();
            extra.handle("forgotten", RoutingContext::end);
            var unknown = assertThrows(IllegalStateException.class, () -> extra.bind(router, _ -> RoutingContext::next));
            assertTrue(unknown.getMessage().endsWith("[forgotten]"), unknown.getMessage());
            assertThrows(IllegalStateException.class, () -> extra.handle("show", RoutingContext::end));
            assertEquals(0, router.getRoutes().size());
        } finally {
            LocalServer.await(vertx.close());
        }
    }

    @Test
    void refusesADocumentThatSaysSomethingTwice() {
        assertThrows(YAMLException.class, () -> ApiDocument.parse("paths: {/a: {}, /a: {}}"));
    }

    private static void bindAll(Router router) {
        all().bind(router, _ -> RoutingContext::next);
    }

    private static Operations all() {
        var operations = new Operations(DOCUMENT);
        for (var id : new String[] {"show", "change", "parts", "run", "all"}) {
            operations.handle(id, context -> context.end(id + " " + context.pathParam("name")));
        }
        return operations;
    }
}
