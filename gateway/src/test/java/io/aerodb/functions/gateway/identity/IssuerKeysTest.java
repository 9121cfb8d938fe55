package io.aerodb.functions.gateway.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSHeader;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When keys are fetched and how long they serve; the fetching itself is played. */
class IssuerKeysTest {

    private static final Duration CACHE = Duration.ofMinutes(10);
    private static final Duration OUTAGE = Duration.ofHours(1);
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofMillis(1);
    private static final SigningKey OLD = SigningKey.of("ES256", "old");
    private static final SigningKey NEW = SigningKey.of("ES256", "new");

    private final MovableClock clock = new MovableClock();
    private final List<CompletableFuture<KeySet>> fetches = new ArrayList<>();
    private final IssuerKeys keys = new IssuerKeys(
            new JwksSettings(URI.create("http://localhost/"), CACHE, OUTAGE, INTERVAL), this::startFetch, clock);

    @Test
    void saysItCannotTellBeforeTheFirstFetchHasEnded() throws Exception {
        assertThrows(UnavailableException.class, () -> keys.find(header("old")));
        var awaited = keys.awaited(header("old")).orElseThrow().toCompletableFuture();
        assertFalse(awaited.isDone());
        assertThrows(UnavailableException.class, () -> keys.find(header("old")));
        succeed(OLD);
        assertTrue(awaited.isDone());
        assertTrue(keys.find(header("old")).isPresent());
        assertTrue(keys.awaited(header("old")).isEmpty());
    }

    @Test
    void letsAllWhoWaitShareOneFetch() throws Exception {
        for (var caller = 0; caller < 100; caller++) {
            assertTrue(keys.awaited(header("key-" + caller)).isPresent());
        }
        assertEquals(1, fetches.size());
    }

    @Test
    void fetchesAtOnceForAKeyItHasNotSeen() throws Exception {
        fetched(OLD);
        clock.forward(INTERVAL);
        assertTrue(keys.awaited(header("new")).isPresent());
        succeed(OLD, NEW);
        assertTrue(keys.find(header("new")).isPresent());
        assertEquals(2, fetches.size());
    }

    @Test
    void fetchesForUnknownKeysOnceInAnIntervalHoweverManyAreNamed() throws Exception {
        fetched(OLD);
        for (var call = 0; call < 10_000; call++) {
            clock.forward(Duration.ofMillis(10)); // 100 s in all
            if (keys.awaited(header("random-" + call)).isPresent()) {
                succeed(OLD);
            }
            assertTrue(keys.find(header("random-" + call)).isEmpty());
        }
        assertEquals(11, fetches.size());
    }

    @Test
    void renewsItsKeysOnTheSideBeforeTheyAreTooOld() throws Exception {
        fetched(OLD);
        clock.forward(CACHE.dividedBy(5).multipliedBy(4).minus(TICK));
        keys.find(header("old"));
        assertEquals(1, fetches.size());
        clock.forward(TICK);
        assertTrue(keys.find(header("old")).isPresent());
        assertTrue(keys.awaited(header("old")).isEmpty());
        assertEquals(2, fetches.size());
        succeed(NEW);
        assertTrue(keys.find(header("old")).isEmpty());
        assertTrue(keys.find(header("new")).isPresent());
    }

    @Test
    void believesNoKeyPastTheCacheTimeWithoutAskingAgain() throws Exception {
        fetched(OLD);
        clock.forward(CACHE);
        assertTrue(keys.awaited(header("old")).isPresent());
        assertThrows(UnavailableException.class, () -> keys.find(header("old")));
        succeed(NEW);
        assertTrue(keys.find(header("old")).isEmpty());
    }

    @Test
    void keepsTheLastKeysForTheOutageAndNoLonger() throws Exception {
        fetched(OLD);
        clock.forward(CACHE);
        keys.awaited(header("old"));
        fail();
        assertTrue(keys.find(header("old")).isPresent());
        clock.forward(OUTAGE.minus(TICK));
        assertTrue(keys.find(header("old")).isPresent());
        fail();
        clock.forward(TICK);
        assertThrows(UnavailableException.class, () -> keys.find(header("old")));
    }

    @Test
    void cannotTellAboutAnUnknownKeyWhileTheIssuerIsAway() throws Exception {
        fetched(OLD);
        clock.forward(INTERVAL);
        keys.awaited(header("new"));
        fail();
        assertTrue(keys.find(header("old")).isPresent());
        assertThrows(UnavailableException.class, () -> keys.find(header("new")));
        clock.forward(INTERVAL);
        keys.awaited(header("new"));
        succeed(OLD);
        assertTrue(keys.find(header("new")).isEmpty());
    }

    @Test
    void asksAnIssuerThatIsAwayOnceInAnInterval() throws Exception {
        keys.awaited(header("old"));
        fail();
        assertTrue(keys.awaited(header("old")).isEmpty());
        clock.forward(INTERVAL.minus(TICK));
        assertTrue(keys.awaited(header("old")).isEmpty());
        clock.forward(TICK);
        assertTrue(keys.awaited(header("old")).isPresent());
        assertEquals(2, fetches.size());
    }

    @Test
    void holdsOnToAKeyOnlyWhileItsIssuerPublishesIt() throws Exception {
        fetched(OLD);
        var key = keys.find(header("old")).orElseThrow();
        assertTrue(keys.stillHolds(key));
        clock.forward(INTERVAL);
        keys.refresh();
        succeed(NEW);
        assertFalse(keys.stillHolds(key));
    }

    private CompletableFuture<KeySet> startFetch() {
        fetches.add(new CompletableFuture<>());
        return fetches.getLast();
    }

    private void fetched(SigningKey... found) throws ParseException {
        keys.refresh();
        succeed(found);
    }

    private void succeed(SigningKey... found) throws ParseException {
        fetches.getLast().complete(KeySet.parse(SigningKey.set(found)));
    }

    private void fail() {
        fetches.getLast().completeExceptionally(new IOException("played"));
    }

    private static JWSHeader header(String id) throws ParseException {
        return JWSHeader.parse("{\"alg\":\"ES256\",\"kid\":\"" + id + "\"}");
    }
}
