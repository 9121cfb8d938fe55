package io.aerodb.functions.worker.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class ClaimsTest {

    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);
    private static final Identity ALICE = new Identity(Role.AUTHENTICATED, "alice", "{\"sub\":\"alice\",\"role\":\"authenticated\",\"n\":1.10}");

    private final ClaimsSigner signer = new ClaimsSigner(ClaimKeys.parse(new Secret("k2:" + KEY + ", k1:" + KEY)));

    @Test
    void signsWithTheFirstKey() {
        assertTrue(signer.sign(ALICE, 7).startsWith("k2."));
    }

    @Test
    void signsForOneCallerAndOneChallengeOnly() {
        var signature = part(signer.sign(ALICE, 7), 2);
        assertEquals(signature, part(signer.sign(ALICE, 7), 2));
        assertNotEquals(signature, part(signer.sign(ALICE, 8), 2));
        assertNotEquals(signature, part(signer.sign(Identity.ANONYMOUS, 7), 2));
    }

    @Test
    void carriesTheClaimsWithTheRoleAndSubjectOfTheIdentity() {
        assertEquals("{\"sub\":\"alice\",\"role\":\"authenticated\",\"n\":1.10}", claims(ALICE));
        assertEquals("{\"sub\":\"alice\",\"role\":\"service_role\"}",
                claims(new Identity(Role.SERVICE, "alice", "{\"sub\":\"mallory\",\"role\":\"authenticated\"}")));
        assertEquals("{\"role\":\"anon\"}", claims(new Identity(Role.ANON, null, "{\"sub\":\"mallory\"}")));
    }

    @Test
    void refusesClaimsThatAreNoObject() {
        assertThrows(IllegalArgumentException.class, () -> signer.sign(new Identity(Role.ANON, null, "[]"), 1));
        assertThrows(IllegalArgumentException.class, () -> signer.sign(new Identity(Role.ANON, null, "{"), 1));
    }

    @Test
    void refusesKeysThatAreTooShortTooLongNamelessOrTwiceThere() {
        for (var wrong : new String[] {"", "k1", ":" + KEY, "k 1:" + KEY, "k.1:" + KEY, "k1:AAAA", "k1:!", "k1:" + KEY + ",", "k1:" + KEY + ",k1:" + KEY,
            "k1:" + Base64.getEncoder().encodeToString(new byte[65])}) {
            var refusal = assertThrows(IllegalArgumentException.class, () -> ClaimKeys.parse(new Secret(wrong)), wrong);
            assertFalse(refusal.getMessage().contains(KEY));
        }
        assertEquals("ClaimKeys[k1]", ClaimKeys.parse(new Secret("k1:" + KEY)).toString());
    }

    private static String part(String context, int index) {
        return context.split("\\.")[index];
    }

    private String claims(Identity caller) {
        return new String(Base64.getDecoder().decode(part(signer.sign(caller, 1), 1)), StandardCharsets.UTF_8);
    }
}
