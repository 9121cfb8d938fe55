package io.aerodb.functions.gateway.identity;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A key of an issuer: its public half as a JSON Web Key, and tokens signed with the other half by nothing but the JDK. */
final class SigningKey {

    private final String id;
    private final String algorithm;
    private final KeyPair pair;

    private SigningKey(String id, String algorithm, KeyPair pair) {
        this.id = id;
        this.algorithm = algorithm;
        this.pair = pair;
    }

    static SigningKey of(String algorithm, String id) {
        return switch (algorithm) {
            case "RS256" -> rsa(id, 2048);
            case "ES256" -> ec(id, "secp256r1");
            case "EdDSA" -> new SigningKey(id, "EdDSA", generated("Ed25519", NamedParameterSpec.ED25519));
            default -> throw new IllegalArgumentException(algorithm);
        };
    }

    static SigningKey rsa(String id, int bits) {
        return new SigningKey(id, "RS256", generated("RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4)));
    }

    static SigningKey ec(String id, String curve) {
        return new SigningKey(id, "ES256", generated("EC", new ECGenParameterSpec(curve)));
    }

    /** With the same key pair under another id. */
    SigningKey as(String otherId) {
        return new SigningKey(otherId, algorithm, pair);
    }

    String id() {
        return id;
    }

    /** The key as its users share it: what an attacker has. */
    byte[] publicBytes() {
        return pair.getPublic().getEncoded();
    }

    Map<String, Object> jwk() {
        return new LinkedHashMap<>(switch (pair.getPublic()) {
            case RSAPublicKey rsa -> new RSAKey.Builder(rsa).keyID(id).build().toJSONObject();
            case ECPublicKey ec -> new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).keyID(id).build().toJSONObject();
            default -> new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(ed25519())).keyID(id).build().toJSONObject();
        });
    }

    Map<String, Object> jwk(String member, Object value) {
        var jwk = jwk();
        jwk.put(member, value);
        return jwk;
    }

    static String set(SigningKey... keys) {
        return set(Arrays.stream(keys).map(SigningKey::jwk).toList());
    }

    static String set(List<Map<String, Object>> jwks) {
        return JSONObjectUtils.toJSONString(Map.of("keys", jwks));
    }

    String token(String payload) {
        return tokenWithHeader("{\"alg\":\"" + algorithm + "\",\"kid\":\"" + id + "\"}", payload);
    }

    /** Signed as this key signs, whatever the header says. */
    String tokenWithHeader(String header, String payload) {
        var input = Tokens.encoded(header) + "." + Tokens.encoded(payload);
        try {
            var signature = Signature.getInstance(switch (algorithm) {
                case "RS256" -> "SHA256withRSA";
                case "ES256" -> "SHA256withECDSAinP1363Format";
                default -> "Ed25519";
            });
            signature.initSign(pair.getPrivate());
            signature.update(input.getBytes(StandardCharsets.US_ASCII));
            return input + "." + Base64URL.encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] ed25519() {
        var encoded = pair.getPublic().getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    }

    private static KeyPair generated(String algorithm, AlgorithmParameterSpec parameters) {
        try {
            var generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(parameters);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
