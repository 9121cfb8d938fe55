package io.aerodb.functions.gateway.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.gateway.http.HttpApi;
import io.aerodb.functions.gateway.http.LocalServer;
import io.aerodb.functions.identity.Role;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static LocalServer server;

    @BeforeAll
    static void start() {
        var authenticator = new Authenticator(new TokenVerifier(
                new TokenSettings(new Secret(Tokens.SECRET), "", "", Duration.ZERO), Clock.fixed(NOW, ZoneOffset.UTC)));
        server = new LocalServer(router -> {
            HttpApi.mountErrors(router, 1000);
            router.get("/caller").handler(context -> context.end(authenticator.caller(context.request()).role().claim()));
            router.get("/open").handler(context -> context.end(authenticator.callerOrAnonymous(context.request()).role().claim()));
            router.get("/service").handler(context -> context.end(authenticator.service(context.request()).role().claim()));
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void tellsTheCallerByItsToken(Role role) {
        var answer = server.get("/caller", "Authorization: Bearer " + token(role, 60));
        assertEquals(200, answer.status());
        assertEquals(role.claim(), answer.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bearer ", "BEARER ", "Bearer    "})
    void readsTheSchemeInAnyCase(String scheme) {
        assertEquals(200, server.get("/caller", "authorization: " + scheme + token(Role.ANON, 60)).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Nothing: 1", "Authorization: Basic dXNlcjpwYXNz", "Authorization: Bearer", "Authorization: Token x", "Authorization: "})
    void asksForATokenWhereThereIsNone(String header) {
        var answer = server.get("/caller", header);
        assertEquals(401, answer.status());
        assertEquals("unauthenticated", answer.json().getString("code"));
        assertEquals("Bearer", answer.header("www-authenticate"));
        assertTrue(answer.json().getString("detail").contains("Authorization: Bearer"), answer.text());
    }

    @Test
    void saysWhyATokenIsNotBelievedWithoutShowingIt() {
        var token = token(Role.SERVICE, -1);
        var answer = server.get("/caller", "Authorization: Bearer " + token);
        assertEquals(401, answer.status());
        assertEquals("the token has expired", answer.json().getString("detail"));
        for (var part : token.split("\\.")) {
            assertFalse(answer.text().contains(part), answer.text());
        }
    }

    @Test
    void keepsTheServiceCallsToTheServiceRole() {
        assertEquals(200, server.get("/service", "Authorization: Bearer " + token(Role.SERVICE, 60)).status());
        for (var role : new Role[] {Role.ANON, Role.AUTHENTICATED}) {
            var answer = server.get("/service", "Authorization: Bearer " + token(role, 60));
            assertEquals(403, answer.status());
            assertEquals("forbidden", answer.json().getString("code"));
        }
        assertEquals(401, server.get("/service").status());
    }

    @Test
    void letsAnybodyIntoAnOpenFunctionAsAnon() {
        assertEquals("anon", server.get("/open").text());
        assertEquals("anon", server.get("/open", "Authorization: Bearer " + token(Role.SERVICE, -1)).text());
        assertEquals("anon", server.get("/open", "Authorization: Basic dXNlcjpwYXNz").text());
        assertEquals("authenticated", server.get("/open", "Authorization: Bearer " + token(Role.AUTHENTICATED, 60)).text());
    }

    private static String token(Role role, int secondsLeft) {
        return Tokens.signed("{\"role\":\"" + role.claim() + "\",\"exp\":" + (NOW.getEpochSecond() + secondsLeft) + "}");
    }
}
