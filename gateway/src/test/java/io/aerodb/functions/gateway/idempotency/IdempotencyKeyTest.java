package io.aerodb.functions.gateway.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.gateway.http.LocalServer;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.HttpApi;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyKeyTest {

    private static final UUID SCOPE = new UUID(1, 2);
    private static final String LONG = "8e03978e-40d5-43e8-bc93-6894a57f9324";
    private static LocalServer server;

    @BeforeAll
    static void start() {
        server = new LocalServer(router -> {
            HttpApi.mountErrors(router, 1);
            router.route().handler(context -> context.end(IdempotencyKey.of(context.request()).map(IdempotencyKey::value).orElse("none")));
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void isWhatTheHeaderSays() {
        assertEquals("none", server.get("/").text());
        assertEquals("order 7/ä".replace("ä", "~"), server.get("/", "Idempotency-Key: order 7/~").text());
        assertEquals("k".repeat(255), server.get("/", "idempotency-key: " + "k".repeat(255)).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tab\there", "caf\u00e9"})
    void refusesAnotherForm(String value) {
        assertRefused("Idempotency-Key: " + value);
    }

    @Test
    void refusesTooLongAndRepeatedKeys() {
        assertRefused("Idempotency-Key: " + "k".repeat(256));
        assertRefused("Idempotency-Key: a", "Idempotency-Key: b");
    }

    @Test
    void hashesTellCallersScopesAndKeysApart() {
        var callers = List.of(caller(Role.AUTHENTICATED, "a"), caller(Role.AUTHENTICATED, "b"), caller(Role.SERVICE, "a"), caller(Role.ANON, "a"),
                Identity.ANONYMOUS, Identity.SERVICE, caller(Role.AUTHENTICATED, ""));
        var hashes = new ArrayList<String>();
        for (var caller : callers) {
            for (var scope : List.of(SCOPE, new UUID(1, 3))) {
                for (var key : List.of(LONG, LONG + "x")) {
                    hashes.add(HexFormat.of().formatHex(new IdempotencyKey(key).hash(scope, caller)));
                }
            }
        }
        assertEquals(hashes.size(), Set.copyOf(hashes).size());
        assertArrayEquals(new IdempotencyKey(LONG).hash(SCOPE, callers.getFirst()), new IdempotencyKey(LONG).hash(SCOPE, caller(Role.AUTHENTICATED, "a")));
    }

    @Test
    void callersThatCannotBeToldApartNeedKeysThatAreHardToGuess() {
        var problem = assertThrows(ProblemException.class, () -> new IdempotencyKey("order-7").hash(SCOPE, Identity.ANONYMOUS)).problem();
        assertEquals(400, problem.status());
        assertTrue(problem.detail().contains("16"), problem.detail());
        assertEquals(32, new IdempotencyKey("order-7").hash(SCOPE, caller(Role.ANON, "visitor-1")).length);
        assertEquals(32, new IdempotencyKey("order-7").hash(SCOPE, Identity.SERVICE).length);
    }

    @Test
    void requestsDifferInEveryPart() {
        var payload = "x".getBytes(UTF_8);
        var hashes = List.of(
                        IdempotencyKey.requestHash("POST", "/", "", payload), IdempotencyKey.requestHash("PUT", "/", "", payload),
                        IdempotencyKey.requestHash("POST", "/a", "", payload), IdempotencyKey.requestHash("POST", "/", "a=1", payload),
                        IdempotencyKey.requestHash("POST", "/", "", new byte[0]), IdempotencyKey.requestHash("POST", "", "/", payload))
                .stream().map(HexFormat.of()::formatHex).collect(Collectors.toSet());
        assertEquals(6, hashes.size());
    }

    @Test
    void doesNotShowItself() {
        assertTrue(!new IdempotencyKey(LONG).toString().contains(LONG));
    }

    private static void assertRefused(String... headers) {
        var answer = server.get("/", headers);
        assertEquals(400, answer.status());
        assertEquals("invalid_request", answer.json().getString("code"));
        assertTrue(answer.json().getString("detail").contains("Idempotency-Key"));
    }

    private static Identity caller(Role role, String subject) {
        return new Identity(role, subject, "{}");
    }
}
