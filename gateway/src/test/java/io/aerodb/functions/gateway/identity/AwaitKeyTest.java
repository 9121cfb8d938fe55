package io.aerodb.functions.gateway.identity;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.gateway.http.HttpApi;
import io.aerodb.functions.gateway.http.LocalServer;
import io.aerodb.functions.gateway.http.LocalServer.Answer;
import io.vertx.core.Context;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests whose tokens need a key that is not there yet, on a server with one event loop. */
class AwaitKeyTest {

    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final SigningKey KEY = SigningKey.of("ES256", "e");
    private static final SigningKey NEXT = SigningKey.of("EdDSA", "next");

    private final MovableClock clock = new MovableClock();
    private final JwksServer issuer = new JwksServer();
    private final TokenVerifier verifier = new TokenVerifier(new TokenSettings(new Secret(Tokens.SECRET), "", "", Duration.ZERO,
            new JwksSettings(issuer.url(), Duration.ofMinutes(10), Duration.ofHours(1), INTERVAL)), clock);
    private final LocalServer server = new LocalServer(router -> {
        var authenticator = new Authenticator(verifier);
        HttpApi.mountErrors(router, 1 << 20);
        router.route("/functions/v1/*").handler(authenticator::awaitKey);
        router.get("/functions/v1/caller").handler(context -> {
            assertTrue(Context.isOnEventLoopThread());
            context.end(authenticator.caller(context.request()).role().claim());
        });
        router.get("/functions/v1/open").handler(context -> context.end(authenticator.callerOrAnonymous(context.request()).role().claim()));
        router.post("/functions/v1/echo").handler(context -> {
            authenticator.service(context.request());
            context.next();
        });
        router.post("/functions/v1/echo").handler(BodyHandler.create(false)).handler(context -> context.end(context.body().buffer()));
    });

    @AfterEach
    void close() {
        server.close();
        verifier.close();
        issuer.close();
    }

    @Test
    void answersTheFirstTokenOfANewKey() {
        issuer.serve(KEY);
        assertEquals("authenticated", get("/caller", KEY).text());
        issuer.serve(KEY, NEXT);
        clock.forward(INTERVAL);
        assertEquals("authenticated", get("/caller", NEXT).text());
        assertEquals(2, issuer.fetches());
    }

    @Test
    void keepsTheBodyOfARequestThatHadToWait() {
        issuer.serve(KEY);
        var body = "x".repeat(300_000);
        var answer = server.send("POST", "/functions/v1/echo", body, "Authorization: Bearer " + KEY.token(payload("service_role")));
        assertEquals(200, answer.status());
        assertEquals(body, answer.text());
    }

    @Test
    void servesOthersWhileTheIssuerTakesItsTime() throws Exception {
        var go = new CountDownLatch(1);
        issuer.answer(exchange -> {
            go.await();
            JwksServer.respond(exchange, 200, SigningKey.set(KEY));
        });
        var held = IntStream.range(0, 8).mapToObj(_ -> CompletableFuture.supplyAsync(() -> get("/caller", KEY), Thread::startVirtualThread)).toList();
        await().until(() -> issuer.fetches() == 1);
        assertEquals("authenticated", server.get("/functions/v1/caller",
                "Authorization: Bearer " + Tokens.signed(payload("authenticated"))).text());
        assertEquals("anon", server.get("/functions/v1/open").text());
        go.countDown();
        for (var answer : held) {
            assertEquals(200, answer.get(20, TimeUnit.SECONDS).status());
        }
        assertEquals(1, issuer.fetches());
    }

    @Test
    void saysUnavailableWhereOnlyTheIssuerCouldTell() {
        issuer.fail(500);
        var answer = get("/caller", KEY);
        assertEquals(503, answer.status());
        assertEquals("unavailable", answer.json().getString("code"));
        assertEquals("1", answer.header("retry-after"));
        assertEquals("anon", get("/open", KEY).text());
    }

    @Test
    void refusesAKeyThatTheIssuerDoesNotHave() {
        issuer.serve(KEY);
        var answer = get("/caller", NEXT);
        assertEquals(401, answer.status());
        assertEquals("the token's key is none of its issuer's", answer.json().getString("detail"));
    }

    @Test
    void answersMissingPathsAndMethodsAsBefore() {
        assertEquals(404, server.get("/functions/v1/nothing").status());
        assertEquals(405, server.send("DELETE", "/functions/v1/caller", "").status());
        assertEquals(401, server.get("/functions/v1/caller", "Authorization: Bearer nonsense").status());
    }

    private Answer get(String path, SigningKey key) {
        return server.get("/functions/v1" + path, "Authorization: Bearer " + key.token(payload("authenticated")));
    }

    private String payload(String role) {
        return "{\"role\":\"" + role + "\",\"exp\":" + (clock.instant().getEpochSecond() + 3600) + "}";
    }
}
