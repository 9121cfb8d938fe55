package io.aerodb.functions.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** However often a message of a webhook, or a fire of a schedule, is accepted, one row tells of it. */
class RepeatedMessagesIT {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);

    private static Database database;
    private static InvocationLog log;

    private final UUID id = InvocationId.named(new UUID(1, 2), UUID.randomUUID().toString()).value();
    private final Entries first = new Entries(id, NOW.minusSeconds(60), TriggerType.WEBHOOK);
    private final Entries again = new Entries(id, NOW, TriggerType.WEBHOOK);

    @BeforeAll
    static void start() throws InterruptedException {
        database = DatabaseKit.fresh();
        log = new InvocationLog(database);
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @Test
    void keepsTheRowOfTheFirst() {
        log.append(List.of(first.accepted()));
        log.append(List.of(again.accepted()));
        log.append(List.of(first.accepted()));
        assertEquals(List.of(first.accepted()), rows());
        log.append(List.of(first.ended("succeeded", 1)));
        log.append(List.of(again.accepted()));
        assertEquals(List.of(first.ended("succeeded", 1)), rows());
    }

    @Test
    void keepsTheFirstOfOneBatch() {
        log.append(List.of(again.accepted(), first.accepted()));
        assertEquals(List.of(first.accepted()), rows());
    }

    @Test
    void keepsTheRowOfTheOneThatRan() {
        log.append(List.of(first.accepted()));
        log.append(List.of(again.accepted()));
        log.append(List.of(again.scheduled(1)));
        assertEquals(List.of(again.scheduled(1)), rows());
        log.append(List.of(first.accepted()));
        log.append(List.of(again.ended("succeeded", 2)));
        assertEquals(List.of(again.ended("succeeded", 2)), rows());
    }

    @Test
    void keepsTheRowOfTheOneThatRanInOneBatchToo() {
        log.append(List.of(first.accepted(), again.accepted(), again.ended("failed", 1)));
        assertEquals(List.of(again.ended("failed", 1)), rows());
    }

    @Test
    void keepsOneRowOfAFireThatIsSentAgain() {
        var fire = new Entries(id, NOW.minusSeconds(60), TriggerType.SCHEDULE);
        var sentAgain = new Entries(id, NOW, TriggerType.SCHEDULE);
        log.append(List.of(fire.accepted()));
        log.append(List.of(sentAgain.accepted()));
        assertEquals(List.of(fire.accepted()), rows());
        log.append(List.of(sentAgain.ended("succeeded", 1)));
        assertEquals(List.of(sentAgain.ended("succeeded", 1)), rows());
    }

    @Test
    void keepsTheRowOfEachExecution() {
        log.append(List.of(first.ended("succeeded", 1)));
        log.append(List.of(again.ended("failed", 1)));
        assertEquals(List.of(first.ended("succeeded", 1), again.ended("failed", 1)), rows());
    }

    @Test
    void keepsNoRowOfARepeatWhoseFirstIsClaimedThoughItsRowIsGone() {
        claim(first);
        log.append(List.of(again.accepted()));
        assertEquals(List.of(), rows());
        log.append(List.of(first.accepted(), again.accepted()));
        assertEquals(List.of(first.accepted()), rows(), "what is claimed has a row while it runs");
    }

    @Test
    void keepsTheRowOfTheRepeatThatIsClaimed() {
        claim(again);
        log.append(List.of(first.accepted(), again.accepted()));
        assertEquals(List.of(again.accepted()), rows());
    }

    @Test
    void keepsTheRowOfAMessageThatRunsAgainSinceItsClaimIsForgotten() {
        var old = new Entries(id, NOW.minus(InvocationClaims.SHORTEST_RETENTION).minusSeconds(1), TriggerType.WEBHOOK);
        log.append(List.of(old.ended("failed", 1)));
        log.append(List.of(again.accepted()));
        log.append(List.of(old.ended("failed", 1)));
        assertEquals(List.of(old.ended("failed", 1), again.accepted()), rows());
    }

    private void claim(Entries claimed) {
        database.run(connection -> {
            try (var insert = connection.prepareStatement("INSERT INTO aerodb.invocation_claims (id, accepted_at, attempt, worker) VALUES (?, ?, 1, 'w')")) {
                insert.setObject(1, id);
                insert.setObject(2, claimed.acceptedAt().atOffset(ZoneOffset.UTC));
                return insert.executeUpdate();
            }
        });
    }

    private List<InvocationEntry> rows() {
        return log.find(Set.of(new InvocationId(id)), NOW.minus(Duration.ofDays(60)), NOW);
    }
}
