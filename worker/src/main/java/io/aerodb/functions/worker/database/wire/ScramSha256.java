package io.aerodb.functions.worker.database.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), which also proves that the server knows the password. */
final class ScramSha256 {

    static final String MECHANISM = "SCRAM-SHA-256";
    /** "n,,": no channel binding. */
    private static final String HEADER = "n,,";
    private static final int MAX_ITERATIONS = 1_000_000;

    private final String password;
    private final String nonce;
    private final String firstBare;
    private String expectedSignature = "";

    ScramSha256(String password) {
        this(password, randomNonce(), "");
    }

    /** @param user empty with PostgreSQL, which takes the name from the startup message */
    ScramSha256(String password, String nonce, String user) {
        this.password = Normalizer.normalize(password, Normalizer.Form.NFKC);
        this.nonce = nonce;
        this.firstBare = "n=" + user + ",r=" + nonce;
    }

    String clientFirst() {
        return HEADER + firstBare;
    }

    /** @throws IOException if the server's message is none of this exchange */
    String clientFinal(String serverFirst) throws IOException {
        var fields = fields(serverFirst);
        var serverNonce = fields.getOrDefault('r', "");
        if (!serverNonce.startsWith(nonce) || serverNonce.length() == nonce.length()) {
            throw new IOException("the server answered another login");
        }
        try {
            var iterations = Integer.parseInt(fields.getOrDefault('i', ""));
            if (iterations < 1 || iterations > MAX_ITERATIONS) {
                throw new IOException("the server asks for " + iterations + " iterations");
            }
            var salted = salted(Base64.getDecoder().decode(fields.getOrDefault('s', "")), iterations);
            var withoutProof = "c=" + base64(HEADER.getBytes(StandardCharsets.US_ASCII)) + ",r=" + serverNonce;
            var message = firstBare + "," + serverFirst + "," + withoutProof;
            var clientKey = hmac(salted, "Client Key");
            var proof = hmac(MessageDigest.getInstance("SHA-256").digest(clientKey), message);
            for (var i = 0; i < proof.length; i++) {
                proof[i] ^= clientKey[i];
            }
            expectedSignature = base64(hmac(hmac(salted, "Server Key"), message));
            return withoutProof + ",p=" + base64(proof);
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new IOException("the server's part of the login cannot be read", e);
        }
    }

    /** @throws IOException if the server does not know the password */
    void checkServerFinal(String serverFinal) throws IOException {
        var signature = fields(serverFinal).getOrDefault('v', "").getBytes(StandardCharsets.US_ASCII);
        if (expectedSignature.isEmpty()
                || !MessageDigest.isEqual(signature, expectedSignature.getBytes(StandardCharsets.US_ASCII))) {
            throw new IOException("the server could not prove that it knows the password");
        }
    }

    private byte[] salted(byte[] salt, int iterations) throws GeneralSecurityException {
        var spec = new PBEKeySpec(password.toCharArray(), salt, iterations, 256);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    }

    private static byte[] hmac(byte[] key, String message) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<Character, String> fields(String message) {
        var fields = new HashMap<Character, String>();
        for (var part : message.split(",")) {
            if (part.length() > 1 && part.charAt(1) == '=') {
                fields.put(part.charAt(0), part.substring(2));
            }
        }
        return fields;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String randomNonce() {
        var bytes = new byte[18];
        new SecureRandom().nextBytes(bytes);
        return base64(bytes);
    }
}
