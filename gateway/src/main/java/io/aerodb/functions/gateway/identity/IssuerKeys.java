package io.aerodb.functions.gateway.identity;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of the token issuer, fetched when somebody needs them. Thread-safe, and nothing here waits.
 *
 * <p>Keys serve for the cache time and are renewed in its last fifth, on the side. Past it they serve only while the issuer
 * is away, and no longer than the outage. One fetch runs at a time, and two start no closer than the interval.
 */
final class IssuerKeys {

    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);

    private final JwksSettings settings;
    private final Supplier<CompletableFuture<KeySet>> fetch;
    private final Clock clock;
    private final Duration renewedAfter;
    private final Duration longest;

    private volatile @Nullable Fetched last;
    /** Whether the latest fetch failed. */
    private volatile boolean away;
    private volatile @Nullable CompletableFuture<Void> running;
    private volatile Instant nextStart = Instant.MIN;
    private List<String> refused = List.of();

    /** @param at when the fetch began: what was withdrawn since then is not known */
    private record Fetched(KeySet keys, Instant at) {}

    IssuerKeys(JwksSettings settings, Supplier<CompletableFuture<KeySet>> fetch, Clock clock) {
        this.settings = settings;
        this.fetch = fetch;
        this.clock = clock;
        this.renewedAfter = settings.cache().multipliedBy(4).dividedBy(5);
        this.longest = settings.cache().plus(settings.outage());
    }

    /**
     * The key of a token, or empty if the issuer has none such.
     *
     * @throws UnavailableException if only the issuer could tell, and it is away or has not answered yet
     */
    Optional<JWSVerifier> find(JWSHeader header) {
        var known = usable().flatMap(keys -> keys.find(header));
        if (known.isEmpty() && (away || running != null || usable().isEmpty())) {
            throw new UnavailableException("jwks", "the token's key cannot be fetched from its issuer now");
        }
        return known;
    }

    /** Whether a verifier that was found here may still be used. */
    boolean stillHolds(JWSVerifier verifier) {
        return usable().filter(keys -> keys.holds(verifier)).isPresent();
    }

    /** What to wait for before {@link #find}: completes when a fetch has ended, whichever way. Empty where waiting is of no use. */
    Optional<CompletionStage<Void>> awaited(JWSHeader header) {
        var known = usable().flatMap(keys -> keys.find(header)).isPresent();
        return known ? Optional.empty() : refresh();
    }

    private Optional<KeySet> usable() {
        var fetched = last;
        if (fetched == null) {
            return Optional.empty();
        }
        var age = Duration.between(fetched.at(), clock.instant());
        if (age.compareTo(renewedAfter) >= 0) {
            refresh();
        }
        return age.compareTo(away ? longest : settings.cache()) < 0 ? Optional.of(fetched.keys()) : Optional.empty();
    }

    /** Starts a fetch unless one runs or ran just now. @return the one that runs */
    Optional<CompletionStage<Void>> refresh() {
        if (running == null && clock.instant().isBefore(nextStart)) {
            return Optional.empty();
        }
        return start();
    }

    private synchronized Optional<CompletionStage<Void>> start() {
        var now = clock.instant();
        if (running != null || now.isBefore(nextStart)) {
            return Optional.ofNullable(running);
        }
        nextStart = now.plus(settings.interval());
        var ended = new CompletableFuture<Void>();
        running = ended;
        fetch.get().whenComplete((keys, failure) -> {
            end(keys, failure, now);
            ended.complete(null);
        });
        return Optional.of(ended);
    }

    private synchronized void end(@Nullable KeySet keys, @Nullable Throwable failure, Instant startedAt) {
        if (keys == null) {
            LOG.atWarn().addKeyValue("host", settings.url().getHost()).addKeyValue("reason", String.valueOf(failure))
                    .log("cannot fetch the issuer's keys");
        } else {
            last = new Fetched(keys, startedAt);
            if (!keys.refused().equals(refused)) {
                refused = keys.refused();
                LOG.atWarn().addKeyValue("host", settings.url().getHost()).addKeyValue("refused", refused).log("some of the issuer's keys are not used");
            }
        }
        away = keys == null;
        running = null;
    }
}
