package io.aerodb.functions.gateway.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeySetTest {

    private static final SigningKey RSA = SigningKey.of("RS256", "r");
    private static final SigningKey EC = SigningKey.of("ES256", "e");
    private static final SigningKey ED = SigningKey.of("EdDSA", "d");

    @Test
    void takesOneKeyOfEachKind() throws Exception {
        var keys = KeySet.parse(SigningKey.set(RSA, EC, ED));
        assertEquals(List.of(), keys.refused());
        assertTrue(keys.find(header("RS256", "r")).isPresent());
        assertTrue(keys.find(header("ES256", "e")).isPresent());
        assertTrue(keys.find(header("EdDSA", "d")).isPresent());
    }

    @ParameterizedTest
    @CsvSource({"RS256,e", "RS256,d", "ES256,r", "ES256,d", "EdDSA,r", "EdDSA,e", "RS512,r", "PS256,r", "ES384,e", "HS256,r", "Ed25519,d", "RS256,R"})
    void givesAKeyForItsOwnAlgorithmOnly(String algorithm, String id) throws Exception {
        assertFalse(KeySet.parse(SigningKey.set(RSA, EC, ED)).find(header(algorithm, id)).isPresent());
    }

    @Test
    void givesATokenWithoutAKeyIdTheOnlyKeyOfItsAlgorithm() throws Exception {
        assertTrue(KeySet.parse(SigningKey.set(RSA, EC)).find(header("RS256", null)).isPresent());
        assertFalse(KeySet.parse(SigningKey.set(RSA, RSA.as("other"))).find(header("RS256", null)).isPresent());
    }

    @ParameterizedTest
    @CsvSource({"alg,RS256", "use,sig", "x-unknown,1"})
    void takesAKeyThatSaysItIsForThis(String member, String value) throws Exception {
        assertEquals(1, KeySet.parse(SigningKey.set(List.of(RSA.jwk(member, value)))).keys().size());
    }

    @ParameterizedTest
    @CsvSource({"alg,RS512", "alg,PS256", "alg,HS256", "alg,ES256", "alg,none", "alg,RSA-OAEP", "use,enc", "use,whatever", "kty,EC", "kty,oct", "kty,new"})
    void refusesAKeyThatIsForSomethingElse(String member, String value) throws Exception {
        assertRefused(RSA.jwk(member, value));
    }

    @Test
    void refusesAKeyThatMayNotVerify() throws Exception {
        assertRefused(RSA.jwk("key_ops", List.of("encrypt")));
        assertEquals(1, KeySet.parse(SigningKey.set(List.of(RSA.jwk("key_ops", List.of("verify"))))).keys().size());
    }

    @Test
    void refusesARevokedKey() throws Exception {
        assertRefused(RSA.jwk("revoked", Map.of("revoked_at", 1700000000L)));
    }

    @Test
    void refusesSmallAndHugeRsaKeys() throws Exception {
        assertRefused(SigningKey.rsa("small", 1024).jwk());
        assertRefused(SigningKey.rsa("nearly", 2040).jwk());
        assertRefused(RSA.jwk("n", Base64URL.encode(new byte[] {1}).toString()));
        assertRefused(RSA.jwk("n", "_".repeat(2048)));
        assertRefused(RSA.jwk("e", "AQ"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp384r1", "secp521r1"})
    void refusesOtherCurvesThanP256(String curve) throws Exception {
        assertRefused(SigningKey.ec("e", curve).jwk());
    }

    @Test
    void refusesPointsThatAreNotOnTheCurve() throws Exception {
        assertRefused(EC.jwk("x", Base64URL.encode(new byte[32]).toString()));
        assertRefused(ED.jwk("x", Base64URL.encode(new byte[31]).toString()));
        assertRefused(ED.jwk("x", "_".repeat(43)));
        assertRefused(ED.jwk("crv", "X25519"));
    }

    @Test
    void refusesAKeyThatIsNoSecretAnyMore() throws Exception {
        assertRefused(new ECKeyGenerator(Curve.P_256).keyID("e").generate().toJSONObject());
    }

    @Test
    void refusesASharedSecret() throws Exception {
        assertRefused(Map.of("kty", "oct", "kid", "s", "alg", "HS256", "k", Base64URL.encode(Tokens.SECRET).toString()));
    }

    @Test
    void keepsTheGoodKeysBesideBadOnes() throws Exception {
        var keys = KeySet.parse(SigningKey.set(List.of(SigningKey.rsa("small", 1024).jwk(), Map.of(), Map.of("kty", "RSA"), EC.jwk())));
        assertEquals(3, keys.refused().size());
        assertTrue(keys.find(header("ES256", "e")).isPresent());
    }

    @Test
    void takesASetWithoutKeys() throws ParseException {
        assertEquals(List.of(), KeySet.parse("{\"keys\":[]}").keys());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "null", "<html>", "{\"keys\":{}}", "{\"keys\":[1]}", "{\"keys\":[null]}", "{\"keys\":\"x\"}", "{\"keys\":["})
    void refusesWhatIsNoKeySet(String text) {
        assertThrows(ParseException.class, () -> KeySet.parse(text));
    }

    private static void assertRefused(Map<String, Object> jwk) throws ParseException {
        var keys = KeySet.parse(SigningKey.set(List.of(jwk)));
        assertEquals(List.of(), keys.keys());
        assertEquals(1, keys.refused().size());
    }

    private static JWSHeader header(String algorithm, String id) throws ParseException {
        return JWSHeader.parse("{\"alg\":\"" + algorithm + "\"" + (id == null ? "" : ",\"kid\":\"" + id + "\"") + "}");
    }
}
