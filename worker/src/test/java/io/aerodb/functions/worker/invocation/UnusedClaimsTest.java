package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.invocation.ClaimRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class UnusedClaimsTest {

    private static final long LATER = Duration.ofSeconds(31).toNanos();

    private static final TopicPartition PARTITION = new TopicPartition("functions.events", 3);
    private static final Predicate<TopicPartition> NOWHERE = _ -> false;

    private final UUID id = UUID.randomUUID();
    private final ClaimRequest first = request(id);
    private final ClaimRequest second = request(id);
    private final UnusedClaims unused = new UnusedClaims();

    @Test
    void isRepeatedOnce() {
        unused.asked(List.of(at(first)), 0);
        assertEquals(Optional.empty(), unused.take(UUID.randomUUID()));
        assertEquals(Optional.of(first), unused.take(id));
        assertEquals(Optional.empty(), unused.take(id));
        assertEquals(List.of(), unused.takeUseless(LATER, NOWHERE));
    }

    @Test
    void isGivenUpWhenNobodyAsksAgain() {
        unused.asked(List.of(at(first)), 0);
        var young = request(UUID.randomUUID());
        unused.asked(List.of(at(young)), LATER - 1);
        assertEquals(List.of(), unused.takeUseless(1, NOWHERE));
        assertEquals(List.of(first), unused.takeUseless(LATER, NOWHERE));
        assertEquals(List.of(), unused.takeUseless(LATER, NOWHERE));
        assertEquals(Optional.empty(), unused.take(id));
        assertEquals(Optional.of(young), unused.take(young.id()));
    }

    @Test
    void isKeptWhileItsRecordWaitsHereHoweverLong() {
        unused.asked(List.of(at(first)), 0);
        assertEquals(List.of(), unused.takeUseless(100 * LATER, PARTITION::equals));
        assertEquals(List.of(first), unused.takeUseless(100 * LATER, NOWHERE));
    }

    @Test
    void keepsTheOneThatMayHaveBeenGrantedWhenARepeatWasNotAsked() {
        unused.asked(List.of(at(first)), 0);
        unused.notAsked(List.of(at(second)), 0);
        assertEquals(List.of(second), unused.takeUseless(0, NOWHERE));
        assertEquals(Optional.of(first), unused.take(id));
    }

    @Test
    void givesUpTheEarlierOneWhereBothMayHaveBeenGranted() {
        unused.notAsked(List.of(at(first)), 0);
        unused.asked(List.of(at(second)), 0);
        assertEquals(List.of(first), unused.takeUseless(0, NOWHERE));
        assertEquals(Optional.of(second), unused.take(id));
    }

    @Test
    void givesUpNothingThatIsToBeRepeated() {
        unused.asked(List.of(at(first)), 0);
        unused.asked(List.of(at(first)), 0);
        unused.notAsked(List.of(at(first)), 0);
        assertEquals(List.of(), unused.takeUseless(0, NOWHERE));
        assertEquals(Optional.of(first), unused.take(id));
    }

    @Test
    void givesUpWhatIsUselessAtOnce() {
        unused.useless(first);
        assertEquals(List.of(first), unused.takeUseless(0, NOWHERE));
        assertEquals(List.of(), unused.takeUseless(0, NOWHERE));
    }

    @Test
    void keepsNoMoreThanItMay() {
        for (var i = 0; i < 10_001; i++) {
            unused.asked(List.of(at(i == 0 ? first : request(UUID.randomUUID()))), 0);
        }
        assertEquals(List.of(first), unused.takeUseless(0, NOWHERE));
    }

    private static UnusedClaims.Asked at(ClaimRequest request) {
        return new UnusedClaims.Asked(request, PARTITION);
    }

    private static ClaimRequest request(UUID id) {
        return new ClaimRequest(id, Requests.ACCEPTED, 1, 5);
    }
}
