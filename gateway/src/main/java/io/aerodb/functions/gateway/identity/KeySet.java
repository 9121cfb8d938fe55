package io.aerodb.functions.gateway.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one JSON Web Key Set (RFC 7517) that may verify tokens, each for one algorithm: the key decides which, never the token.
 *
 * @param refused why the others may not, for the log
 */
record KeySet(List<Key> keys, List<String> refused) {

    static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA);

    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;

    record Key(@Nullable String id, JWSAlgorithm algorithm, JWSVerifier verifier) {}

    KeySet {
        keys = List.copyOf(keys);
        refused = List.copyOf(refused);
    }

    /** A key that may not be used does not spoil the others. @throws ParseException if this is no key set at all */
    static KeySet parse(String json) throws ParseException {
        var object = JSONObjectUtils.parse(json);
        var members = object == null ? null : JSONObjectUtils.getJSONObjectArray(object, "keys");
        if (members == null) {
            throw new ParseException("there is no member 'keys'", 0);
        }
        var keys = new ArrayList<Key>();
        var refused = new ArrayList<String>();
        for (var index = 0; index < members.length; index++) {
            try {
                keys.add(key(JWK.parse(members[index])));
            } catch (ParseException | JOSEException | IllegalArgumentException | IllegalStateException e) {
                refused.add("key " + index + ": " + e.getMessage());
            }
        }
        return new KeySet(keys, refused);
    }

    /** The key of a token's header; where it names none, the only one of its algorithm. */
    Optional<JWSVerifier> find(JWSHeader header) {
        var ofAlgorithm = keys.stream().filter(key -> key.algorithm().equals(header.getAlgorithm())).toList();
        var id = header.getKeyID();
        var found = id == null
                ? Optional.of(ofAlgorithm).filter(all -> all.size() == 1).map(List::getFirst)
                : ofAlgorithm.stream().filter(key -> id.equals(key.id())).findFirst();
        return found.map(Key::verifier);
    }

    /** Whether a verifier found here, or in an earlier set, is one of this set. */
    boolean holds(JWSVerifier verifier) {
        return keys.stream().anyMatch(key -> key.verifier() == verifier);
    }

    private static Key key(JWK jwk) throws JOSEException {
        var key = switch (jwk) {
            case RSAKey rsa -> new Key(rsa.getKeyID(), JWSAlgorithm.RS256, rsa(rsa));
            case ECKey ec -> new Key(ec.getKeyID(), JWSAlgorithm.ES256, ec(ec));
            case OctetKeyPair pair -> new Key(pair.getKeyID(), JWSAlgorithm.EdDSA, ed25519(pair));
            default -> throw new JOSEException("the type " + jwk.getKeyType() + " is not accepted");
        };
        refuseIf(jwk.isPrivate(), "it shows its private part");
        refuseIf(jwk.getKeyRevocation() != null, "it is revoked");
        refuseIf(jwk.getKeyUse() != null && !KeyUse.SIGNATURE.equals(jwk.getKeyUse()), "its use is not sig");
        refuseIf(jwk.getKeyOperations() != null && !jwk.getKeyOperations().contains(KeyOperation.VERIFY), "its key_ops lack verify");
        refuseIf(jwk.getAlgorithm() != null && !jwk.getAlgorithm().getName().equals(key.algorithm().getName()),
                "its alg is not " + key.algorithm());
        return key;
    }

    private static JWSVerifier rsa(RSAKey key) throws JOSEException {
        refuseIf(key.size() < MIN_RSA_BITS || key.size() > MAX_RSA_BITS,
                "an RSA key must have " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits");
        return new RSASSAVerifier(key.toRSAPublicKey());
    }

    private static JWSVerifier ec(ECKey key) throws JOSEException {
        refuseIf(!Curve.P_256.equals(key.getCurve()), "the curve must be P-256");
        return new ECDSAVerifier(key.toECPublicKey());
    }

    private static JWSVerifier ed25519(OctetKeyPair key) throws JOSEException {
        refuseIf(!Curve.Ed25519.equals(key.getCurve()), "the curve must be Ed25519");
        return new Ed25519Verifier(key.getDecodedX());
    }

    private static void refuseIf(boolean wrong, String why) throws JOSEException {
        if (wrong) {
            throw new JOSEException(why);
        }
    }
}
