package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.invocation.InvocationClaims;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forgets claims after their time. Any number of workers may do this at once. */
final class ClaimRetention {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimRetention.class);

    private final InvocationClaims claims;
    private final Duration kept;

    ClaimRetention(InvocationClaims claims, Duration kept) {
        this.claims = claims;
        this.kept = kept;
    }

    /** @throws io.aerodb.functions.lifecycle.UnavailableException while PostgreSQL is away */
    void maintain() {
        var removed = claims.removeOlderThan(kept);
        LOG.atDebug().addKeyValue("claims", removed).log("forgot old claims");
    }
}
