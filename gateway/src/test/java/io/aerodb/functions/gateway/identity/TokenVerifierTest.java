package io.aerodb.functions.gateway.identity;

import static io.aerodb.functions.gateway.identity.Tokens.HS256;
import static io.aerodb.functions.gateway.identity.Tokens.SECRET;
import static io.aerodb.functions.gateway.identity.Tokens.encoded;
import static io.aerodb.functions.gateway.identity.Tokens.signed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.identity.Role;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenVerifierTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final long SKEW = 30;
    private static final String LATER = "\"exp\":" + (NOW.getEpochSecond() + 3600);

    private final TokenVerifier verifier = verifier("", "");

    @ParameterizedTest
    @EnumSource(Role.class)
    void acceptsATokenOfEachRole(Role role) throws InvalidTokenException {
        var identity = verifier.verify(signed("{\"role\":\"" + role.claim() + "\",\"sub\":\"user-1\"," + LATER + "}"));
        assertEquals(role, identity.role());
        assertEquals(Optional.of("user-1"), identity.user());
    }

    @Test
    void keepsEveryClaim() throws InvalidTokenException {
        var payload = "{\"role\":\"authenticated\",\"sub\":\"u\"," + LATER + ",\"iat\":1700000000,\"aud\":[\"a\",\"b\"],\"jti\":\"7\","
                + "\"email\":\"zoë@example.org\",\"admin\":true,\"level\":3,\"big\":9007199254740993,\"ratio\":0.5,"
                + "\"app_metadata\":{\"teams\":[\"x\",{\"y\":\"<&>\"}]}}";
        assertEquals(new JsonObject(payload), new JsonObject(verifier.verify(signed(payload)).claims()));
    }

    @Test
    void namesNoUserForATokenWithoutASubject() throws InvalidTokenException {
        assertEquals(Optional.empty(), verifier.verify(signed(payload(LATER))).user());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", ""})
    void refusesAnUnsignedToken(String algorithm) {
        var unsigned = encoded("{\"alg\":\"" + algorithm + "\"}") + "." + encoded(payload(LATER)) + ".";
        refusal(unsigned);
        refusal(unsigned + Tokens.signature(unsigned.substring(0, unsigned.length() - 1), "HmacSHA256", SECRET));
    }

    @ParameterizedTest
    @CsvSource({"HS384,HmacSHA384", "HS512,HmacSHA512", "RS256,HmacSHA256", "ES256,HmacSHA256", "EdDSA,HmacSHA256", "hs256,HmacSHA256"})
    void refusesEveryOtherAlgorithm(String algorithm, String mac) {
        var token = signed("{\"alg\":\"" + algorithm + "\"}", payload(LATER), mac, SECRET);
        assertEquals("the token's algorithm is not accepted", refusal(token));
    }

    @Test
    void refusesATamperedPayload() {
        var parts = signed("{\"role\":\"anon\"," + LATER + "}").split("\\.");
        assertEquals("the token's signature does not hold", refusal(parts[0] + "." + encoded(payload(LATER)) + "." + parts[2]));
    }

    @Test
    void refusesATamperedHeader() {
        var parts = signed(payload(LATER)).split("\\.");
        assertEquals("the token's signature does not hold",
                refusal(encoded("{\"alg\":\"HS256\",\"kid\":\"other\"}") + "." + parts[1] + "." + parts[2]));
    }

    @Test
    void refusesATokenSignedWithAnotherSecret() {
        var token = signed(HS256, payload(LATER), "HmacSHA256", "another-secret-of-at-least-32-bytes-long");
        assertEquals("the token's signature does not hold", refusal(token));
    }

    @Test
    void refusesASignatureThatIsCutShort() {
        var token = signed(payload(LATER));
        var start = token.lastIndexOf('.') + 1;
        for (var end : new int[] {start, start + 4, start + 16, token.length() - 2}) {
            refusal(token.substring(0, end));
        }
    }

    @Test
    void refusesHeadersItWouldHaveToUnderstand() {
        refusal(signed("{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}", payload(LATER), "HmacSHA256", SECRET));
        refusal(signed("{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}", payload(LATER), "HmacSHA256", SECRET));
    }

    @Test
    void refusesAnExpiredToken() {
        assertEquals("the token has expired", refusal(signed(payload("\"exp\":" + (NOW.getEpochSecond() - 3600)))));
        assertEquals("the token has expired", refusal(signed(payload("\"exp\":0"))));
        assertEquals("the token has expired", refusal(signed(payload("\"exp\":-1"))));
    }

    @Test
    void allowsForTheSkewOfClocksAtTheEndAndNotASecondMore() throws InvalidTokenException {
        verifier.verify(signed(payload("\"exp\":" + (NOW.getEpochSecond() - SKEW + 1))));
        assertEquals("the token has expired", refusal(signed(payload("\"exp\":" + (NOW.getEpochSecond() - SKEW)))));
    }

    @Test
    void allowsForTheSkewOfClocksAtTheStartAndNotASecondMore() throws InvalidTokenException {
        verifier.verify(signed(payload(LATER + ",\"nbf\":" + (NOW.getEpochSecond() + SKEW))));
        assertEquals("the token is not valid yet", refusal(signed(payload(LATER + ",\"nbf\":" + (NOW.getEpochSecond() + SKEW + 1)))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"x\":1", "\"exp\":null"})
    void refusesATokenThatNeverExpires(String claim) {
        assertTrue(refusal(signed(payload(claim))).contains("exp claim is required"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"exp\":\"tomorrow\"", "\"exp\":[]", "\"exp\":true"})
    void refusesAnExpiryThatIsNoTime(String claim) {
        refusal(signed(payload(claim)));
    }

    @Test
    void acceptsOnlyTheRequiredIssuer() throws InvalidTokenException {
        var strict = verifier("https://auth.example.org", "");
        strict.verify(signed(payload(LATER + ",\"iss\":\"https://auth.example.org\"")));
        assertEquals("the token has another issuer", refusal(strict, signed(payload(LATER + ",\"iss\":\"https://auth.example.org/\""))));
        assertEquals("the token has another issuer", refusal(strict, signed(payload(LATER))));
    }

    @Test
    void acceptsOnlyTheRequiredAudience() throws InvalidTokenException {
        var strict = verifier("", "functions");
        strict.verify(signed(payload(LATER + ",\"aud\":\"functions\"")));
        strict.verify(signed(payload(LATER + ",\"aud\":[\"other\",\"functions\"]")));
        assertEquals("the token is for another audience", refusal(strict, signed(payload(LATER + ",\"aud\":\"other\""))));
        assertEquals("the token is for another audience", refusal(strict, signed(payload(LATER + ",\"aud\":[]"))));
        assertEquals("the token is for another audience", refusal(strict, signed(payload(LATER))));
    }

    @Test
    void acceptsAnyIssuerAndAudienceWhereNoneIsRequired() throws InvalidTokenException {
        verifier.verify(signed(payload(LATER + ",\"iss\":\"whoever\",\"aud\":\"whatever\"")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"postgres\"", "\"SERVICE_ROLE\"", "\"service_role \"", "\"\"", "null", "1", "true", "[\"service_role\"]", "{}"})
    void refusesARoleItDoesNotKnow(String role) {
        assertEquals("the role claim must be anon, authenticated or service_role", refusal(signed("{\"role\":" + role + "," + LATER + "}")));
    }

    @Test
    void refusesATokenWithoutARole() {
        assertEquals("the role claim must be anon, authenticated or service_role", refusal(signed("{" + LATER + "}")));
    }

    static Stream<String> malformed() {
        var whole = signed(payload(LATER));
        return Stream.of("", " ", ".", "..", "...", "....", "token", "a.b", "a.b.c", whole + ".", "." + whole, whole + ".x", whole.replace(".", ""),
                whole.substring(0, whole.lastIndexOf('.')), "\u0000", "é.é.é",
                encoded("{}") + ".e30.", encoded("[]") + ".e30.x", encoded("{\"alg\":1}") + ".e30.x", encoded("{\"alg\":null}") + ".e30.x",
                encoded("[".repeat(5000)) + ".e30.x",
                encoded("{\"alg\":" + "[".repeat(5000) + "]".repeat(5000) + "}") + ".e30.x",
                signed(""), signed("not json"), signed("[]"), signed("\"text\""), signed("null"), signed("{"),
                signed("{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesWhatIsNoToken(String token) {
        refusal(token);
    }

    @Test
    void refusesATokenThatIsTooLongHoweverValid() throws InvalidTokenException {
        verifier.verify(signed(payload(LATER + ",\"x\":\"" + "x".repeat(12_000) + "\"")));
        assertEquals("the token is too long", refusal(signed(payload(LATER + ",\"x\":\"" + "x".repeat(12_288) + "\""))));
        assertEquals("the token is too long", refusal("x".repeat(10_000_000)));
    }

    @Test
    void takesNoSecretThatIsTooShort() {
        var settings = new TokenSettings(new Secret("x".repeat(31)), "", "", Duration.ZERO);
        assertThrows(IllegalArgumentException.class, () -> new TokenVerifier(settings, Clock.systemUTC()));
    }

    private static TokenVerifier verifier(String issuer, String audience) {
        return new TokenVerifier(
                new TokenSettings(new Secret(SECRET), issuer, audience, Duration.ofSeconds(SKEW)), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static String payload(String claims) {
        return "{\"role\":\"service_role\"," + claims + "}";
    }

    private String refusal(String token) {
        return refusal(verifier, token);
    }

    /** Why the token is refused; the reason must show neither the token nor the secret. */
    private static String refusal(TokenVerifier verifier, String token) {
        var reason = assertThrows(InvalidTokenException.class, () -> verifier.verify(token)).getMessage();
        for (var part : token.split("\\.")) {
            assertFalse(part.length() > 8 && reason.contains(part), reason);
        }
        assertFalse(reason.contains(SECRET), reason);
        return reason;
    }
}
