package io.aerodb.functions.gateway.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.crypto.MACVerifier;
import io.aerodb.functions.gateway.identity.VerifiedTokens.Verified;
import io.aerodb.functions.identity.Identity;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerifiedTokensTest {

    private final VerifiedTokens tokens = new VerifiedTokens();
    private final Verified verified = new Verified(Identity.ANONYMOUS, Instant.EPOCH, new MACVerifier(Tokens.SECRET));

    VerifiedTokensTest() throws Exception {}

    @Test
    void findsTheVeryTokenAndNoOther() {
        tokens.remember("a.b.c", verified);
        assertEquals(Optional.of(verified), tokens.find("a.b.c"));
        assertEquals(Optional.empty(), tokens.find("a.b.d"));
    }

    @Test
    void keepsABoundedNumberAndLetsTheLeastUsedGo() {
        tokens.remember("hot", verified);
        for (var token = 0; token < 20_000; token++) {
            tokens.remember("token-" + token, verified);
            assertTrue(tokens.find("hot").isPresent());
        }
        assertEquals(4096, tokens.size());
    }

    @Test
    void keepsNoLongTokens() {
        tokens.remember("x".repeat(4097), verified);
        assertEquals(0, tokens.size());
    }
}
