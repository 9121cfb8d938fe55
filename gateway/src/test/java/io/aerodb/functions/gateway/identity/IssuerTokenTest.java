package io.aerodb.functions.gateway.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens signed with the private keys of an issuer that publishes the public ones. */
class IssuerTokenTest {

    private static final Duration CACHE = Duration.ofMinutes(10);
    private static final Duration OUTAGE = Duration.ofHours(1);
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final Map<String, SigningKey> KEYS = Map.of("RS256", SigningKey.of("RS256", "key-r"),
            "ES256", SigningKey.of("ES256", "key-e"), "EdDSA", SigningKey.of("EdDSA", "key-d"));
    private static final SigningKey EC = KEYS.get("ES256");
    private static final String NOT_OURS = "the token's key is none of its issuer's";
    private static final String NOT_ACCEPTED = "the token's algorithm is not accepted";
    private static final String NO_SIGNATURE = "the token's signature does not hold";

    private final MovableClock clock = new MovableClock();
    private final JwksServer issuer = new JwksServer();
    private final TokenVerifier verifier = verifier("");

    IssuerTokenTest() {
        issuer.serve(KEYS.values().toArray(SigningKey[]::new));
    }

    @AfterEach
    void close() {
        verifier.close();
        issuer.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
    void acceptsATokenOfEachAlgorithm(String algorithm) throws Exception {
        var token = KEYS.get(algorithm).token(payload(3600));
        var identity = verified(token);
        assertEquals(Role.AUTHENTICATED, identity.role());
        assertEquals("user-1", identity.user().orElseThrow());
        assertEquals(identity, verified(token));
    }

    @Test
    void acceptsTokensOfTheSecretBesideThoseOfTheIssuer() throws Exception {
        try (var both = verifier(Tokens.SECRET)) {
            assertEquals(Role.AUTHENTICATED, verified(both, Tokens.signed(payload(60))).role());
            assertEquals(0, issuer.fetches());
            assertEquals(Role.AUTHENTICATED, verified(both, EC.token(payload(60))).role());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
    void refusesWhatWasChangedAfterSigning(String algorithm) throws Exception {
        var parts = KEYS.get(algorithm).token(payload(60)).split("\\.");
        assertEquals(NO_SIGNATURE, refusal(parts[0] + "." + Tokens.encoded(payload(61)) + "." + parts[2]));
        for (var signature : new String[] {parts[2].substring(4), "AAAA", "A".repeat(parts[2].length()), parts[2] + "AAAA"}) {
            assertEquals(NO_SIGNATURE, refusal(parts[0] + "." + parts[1] + "." + signature));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
    void refusesAnotherKeyUnderTheSameId(String algorithm) {
        var forger = SigningKey.of(algorithm, KEYS.get(algorithm).id());
        assertEquals(NO_SIGNATURE, refusal(forger.token(payload(60))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
    void takesNoPublicKeyForASharedSecret(String algorithm) throws Exception {
        var key = KEYS.get(algorithm);
        var pem = "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.publicBytes())
                + "\n-----END PUBLIC KEY-----\n";
        var header = "{\"alg\":\"HS256\",\"kid\":\"" + key.id() + "\"}";
        for (var secret : new String[] {pem, pem.strip(), new String(key.publicBytes(), StandardCharsets.ISO_8859_1),
                SigningKey.set(key), key.jwk().getOrDefault("n", key.jwk().get("x")).toString()}) {
            assertEquals(NOT_ACCEPTED, refusal(Tokens.signed(header, payload(60), "HmacSHA256", secret)));
            try (var both = verifier(Tokens.SECRET)) {
                assertEquals(NO_SIGNATURE, refusal(both, Tokens.signed(header, payload(60), "HmacSHA256", secret)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"RS256,key-e", "RS256,key-d", "ES256,key-r", "ES256,key-d", "EdDSA,key-r", "EdDSA,key-e"})
    void takesAKeyForNoOtherAlgorithm(String algorithm, String id) {
        assertEquals(NOT_OURS, refusal(KEYS.get(algorithm).as(id).token(payload(60))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS384", "RS512", "PS256", "ES384", "ES512", "ES256K", "Ed25519", "HS256", "HS384", "rs256", "dir"})
    void acceptsNoOtherAlgorithm(String algorithm) {
        for (var key : KEYS.values()) {
            assertEquals(NOT_ACCEPTED, refusal(key.tokenWithHeader("{\"alg\":\"" + algorithm + "\",\"kid\":\"" + key.id() + "\"}", payload(60))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE"})
    void refusesAnUnsignedToken(String algorithm) {
        var unsigned = Tokens.encoded("{\"alg\":\"" + algorithm + "\",\"kid\":\"key-e\"}") + "." + Tokens.encoded(payload(60)) + ".";
        refusal(unsigned);
        refusal(unsigned + EC.token(payload(60)).split("\\.")[2]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"crit\":[\"exp\"],\"exp\":1", "\"crit\":[\"b64\"],\"b64\":false", "\"b64\":false"})
    void refusesHeadersItWouldHaveToUnderstand(String member) {
        refusal(EC.tokenWithHeader("{\"alg\":\"ES256\",\"kid\":\"key-e\"," + member + "}", payload(60)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "7", "{}", "{\"alg\":null}", "{\"alg\":\"ES256\",\"kid\":7}", "{\"alg\":\"ES256\",\"jwk\":7}"})
    void refusesAHeaderThatIsNone(String header) {
        assertEquals("the token is malformed", refusal(EC.tokenWithHeader(header, payload(60))));
    }

    @Test
    void ignoresKeysThatTheTokenBrings() {
        var forger = SigningKey.of("ES256", "key-e");
        try (var other = new JwksServer()) {
            other.serve(forger);
            var jwk = new JsonObject(forger.jwk()).encode();
            for (var member : new String[] {"\"jwk\":" + jwk, "\"jku\":\"" + other.url() + "\"", "\"x5u\":\"" + other.url() + "\""}) {
                assertEquals(NO_SIGNATURE, refusal(forger.tokenWithHeader("{\"alg\":\"ES256\",\"kid\":\"key-e\"," + member + "}", payload(60))));
                assertEquals(NOT_OURS, refusal(forger.tokenWithHeader("{\"alg\":\"ES256\",\"kid\":\"mine\"," + member + "}", payload(60))));
            }
            assertEquals(0, other.fetches());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
    void holdsTheOtherClaimsToTheSameRules(String algorithm) throws Exception {
        var key = KEYS.get(algorithm);
        assertEquals("the token has expired", refusal(key.token(payload(-SKEW.toSeconds()))));
        verified(key.token(payload(1 - SKEW.toSeconds())));
        assertEquals("the token is not valid yet", refusal(key.token(payload("\"nbf\":" + (seconds(60)) + ",\"exp\":" + seconds(90)))));
        assertTrue(refusal(key.token(payload("\"sub\":\"x\""))).contains("exp claim is required"));
        assertTrue(refusal(key.token("{\"role\":\"postgres\",\"exp\":" + seconds(60) + "}")).contains("role claim"));
        var settings = new TokenSettings(new Secret(""), "https://auth.example.org", "functions", SKEW, jwks());
        try (var strict = new TokenVerifier(settings, clock)) {
            assertEquals("the token has another issuer", refusal(strict, key.token(payload(60))));
            assertEquals("the token is for another audience",
                    refusal(strict, key.token(payload("\"iss\":\"https://auth.example.org\",\"aud\":\"x\",\"exp\":" + seconds(60)))));
            verified(strict, key.token(payload("\"iss\":\"https://auth.example.org\",\"aud\":[\"functions\"],\"exp\":" + seconds(60))));
        }
    }

    @Test
    void believesATokenItHasSeenNoLongerThanItsTime() throws Exception {
        var token = EC.token(payload(60));
        verified(token);
        clock.forward(Duration.ofSeconds(60).plus(SKEW).minusMillis(1));
        verified(token);
        clock.forward(Duration.ofMillis(1));
        assertEquals("the token has expired", refusal(token));
    }

    @Test
    void believesATokenOfTheSecretNoLongerThanItsTime() throws Exception {
        try (var both = verifier(Tokens.SECRET)) {
            var token = Tokens.signed(payload(60));
            verified(both, token);
            clock.forward(CACHE.plus(OUTAGE));
            assertEquals("the token has expired", refusal(both, token));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"exp\":1e308", "\"exp\":-1e308", "\"exp\":9223372036854775807", "\"exp\":{}", "\"exp\":9,\"nbf\":\"x\"",
            "\"exp\":99999999999999999999999999", "\"aud\":{}", "\"sub\":7", "\"iss\":[]"})
    void answersOddClaimsWithAReasonOrAnIdentity(String claims) throws Exception {
        try {
            verified(EC.token(payload(claims)));
        } catch (InvalidTokenException e) {
            assertTrue(e.getMessage().startsWith("the token"), e.getMessage());
        }
    }

    @Test
    void acceptsTheFirstTokenOfANewKeyAfterOneFetch() throws Exception {
        verified(EC.token(payload(3600)));
        var next = SigningKey.of("ES256", "key-next");
        issuer.serve(EC, next);
        clock.forward(INTERVAL);
        verified(next.token(payload(3600)));
        assertEquals(2, issuer.fetches());
    }

    @Test
    void believesATokenItHasSeenNoLongerThanItsKeyIsPublished() throws Exception {
        var token = EC.token(payload(3600));
        verified(token);
        issuer.serve(KEYS.get("RS256"));
        clock.forward(CACHE);
        assertEquals(NOT_OURS, refusal(token));
    }

    @Test
    void asksTheIssuerOnceForManyRandomKeys() throws Exception {
        verified(EC.token(payload(3600)));
        for (var guess = 0; guess < 300; guess++) {
            assertEquals(NOT_OURS, refusal(EC.as("guess-" + guess).token(payload(60))));
        }
        assertEquals(1, issuer.fetches());
        clock.forward(INTERVAL);
        for (var guess = 0; guess < 300; guess++) {
            assertEquals(NOT_OURS, refusal(EC.as("guess-" + guess).token(payload(60))));
        }
        assertEquals(2, issuer.fetches());
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>", "{}", "{\"keys\":7}"})
    void livesThroughAnOutageOnItsLastKeys(String garbage) throws Exception {
        var token = EC.token(payload(86_400));
        verified(token);
        issuer.serve(garbage);
        clock.forward(CACHE);
        verified(token);
        verified(EC.token(payload(3600)));
        assertThrows(UnavailableException.class, () -> verified(EC.as("unknown").token(payload(3600))));
        clock.forward(OUTAGE);
        assertThrows(UnavailableException.class, () -> verified(token));
        issuer.serve(EC);
        clock.forward(INTERVAL);
        verified(token);
    }

    @Test
    void cannotTellWhileTheIssuerHasNeverAnswered() {
        issuer.fail(503);
        var failure = assertThrows(UnavailableException.class, () -> verified(EC.token(payload(60))));
        assertEquals("jwks", failure.dependency());
        assertEquals(NOT_ACCEPTED, refusal(Tokens.signed(payload(60))));
    }

    @Test
    void wantsASecretOrAnIssuer() {
        var neither = new TokenSettings(new Secret(""), "", "", SKEW, null);
        assertThrows(IllegalArgumentException.class, () -> new TokenVerifier(neither, clock));
    }

    private TokenVerifier verifier(String secret) {
        return new TokenVerifier(new TokenSettings(new Secret(secret), "", "", SKEW, jwks()), clock);
    }

    private JwksSettings jwks() {
        return new JwksSettings(issuer.url(), CACHE, OUTAGE, INTERVAL);
    }

    private long seconds(long left) {
        return clock.instant().getEpochSecond() + left;
    }

    private String payload(long secondsLeft) {
        return payload("\"sub\":\"user-1\",\"exp\":" + seconds(secondsLeft));
    }

    private static String payload(String claims) {
        return "{\"role\":\"authenticated\"," + claims + "}";
    }

    private Identity verified(String token) throws Exception {
        return verified(verifier, token);
    }

    private String refusal(String token) {
        return refusal(verifier, token);
    }

    private static Identity verified(TokenVerifier verifier, String token) throws Exception {
        var key = verifier.awaitedKey(token);
        if (key.isPresent()) {
            key.get().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        return verifier.verify(token);
    }

    private static String refusal(TokenVerifier verifier, String token) {
        return assertThrows(InvalidTokenException.class, () -> verified(verifier, token)).getMessage();
    }
}
