package io.aerodb.functions.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import io.aerodb.functions.invocation.Claim.Granted;
import io.aerodb.functions.invocation.Claim.Held;
import io.aerodb.functions.invocation.Claim.Lost;
import io.aerodb.functions.invocation.Claim.Over;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InvocationClaimsIT {

    private static final Instant ACCEPTED = Instant.parse("2026-01-01T00:00:00.123456Z");
    private static final Instant REPEATED = ACCEPTED.plusSeconds(5);
    private static final RecordPosition RESULT = new RecordPosition("functions.replies", 3, 77);
    private static final int ATTEMPTS = 5;
    private static final int NEVER = 0;

    private final UUID id = UUID.randomUUID();
    private Database database;
    private InvocationClaims claims;

    @BeforeEach
    void start() throws InterruptedException {
        database = DatabaseKit.fresh();
        claims = new InvocationClaims(database);
        lease("a", "1 h", "1 h");
        lease("b", "1 h", "1 h");
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void grantsWhatIsNew() {
        assertEquals(new Granted(1, ACCEPTED), claim("a", 1, ATTEMPTS));
    }

    @Test
    void answersInTheOrderOfTheRequests() {
        claim("a", 1, ATTEMPTS);
        var fresh = new ClaimRequest(UUID.randomUUID(), REPEATED, 3, ATTEMPTS);
        assertEquals(List.of(new Held(), new Granted(3, REPEATED)), claims.claim("b", List.of(request(1, ATTEMPTS), fresh)));
        assertEquals(List.of(new Held(), new Held()), claims.claim("b", List.of(fresh.withToken(1), request(1, ATTEMPTS))));
    }

    @Test
    void grantsAScheduledRetryWithTheTimeOfTheFirstClaim() {
        claim("a", 1, ATTEMPTS);
        record("scheduled", 1, ACCEPTED, true);
        assertEquals(new Granted(2, ACCEPTED), claims.claim("b", List.of(new ClaimRequest(id, REPEATED, 2, ATTEMPTS))).getFirst());
    }

    @Test
    void holdsWhatAWorkerRunsThatIsThere() {
        claim("a", 1, ATTEMPTS);
        assertEquals(new Held(), claim("b", 1, ATTEMPTS));
        assertEquals(new Held(), claim("a", 1, ATTEMPTS));
    }

    @Test
    void givesTheSameAnswerToARequestWhoseAnswerGotLost() {
        var request = request(1, ATTEMPTS);
        assertEquals(List.of(new Granted(1, ACCEPTED)), claims.claim("a", List.of(request)));
        assertEquals(List.of(new Granted(1, ACCEPTED)), claims.claim("a", List.of(request)));
        removeLease("a");
        var takeOver = request(1, ATTEMPTS);
        assertEquals(List.of(new Granted(2, ACCEPTED)), claims.claim("b", List.of(takeOver)));
        assertEquals(List.of(new Granted(2, ACCEPTED)), claims.claim("b", List.of(takeOver)));
    }

    @Test
    void letsWhatWasGivenUpBeTakenOver() {
        var unheard = request(1, ATTEMPTS);
        claims.claim("a", List.of(unheard));
        claims.giveUp("a", List.of(new ClaimRequest(UUID.randomUUID(), ACCEPTED, 1, ATTEMPTS), unheard));
        assertEquals(new Granted(2, ACCEPTED), claim("b", 1, ATTEMPTS));
    }

    @Test
    void tellsThatWhatWasGivenUpIsLostWhereItMayNotBeRunAgain() {
        var unheard = request(1, NEVER);
        claims.claim("a", List.of(unheard));
        claims.giveUp("a", List.of(unheard));
        assertEquals(new Lost(1, ACCEPTED), claim("a", 1, NEVER));
    }

    @Test
    void givesUpNothingThatAnotherRequestWasGranted() {
        var unheard = request(1, ATTEMPTS);
        claims.claim("a", List.of(unheard));
        claims.giveUp("a", List.of(unheard.withToken(unheard.token() + 1)));
        claims.giveUp("b", List.of(unheard));
        assertEquals(new Held(), claim("b", 1, ATTEMPTS));
    }

    @Test
    void letsTheNextAttemptBeTakenOverFromALostWorker() {
        claim("a", 1, ATTEMPTS);
        removeLease("a");
        assertEquals(new Granted(2, ACCEPTED), claim("b", 1, ATTEMPTS));
        assertEquals(new Held(), claim("b", 1, ATTEMPTS));
    }

    @Test
    void countsALeaseThatHasEndedAsNone() {
        claim("a", 1, ATTEMPTS);
        lease("a", "-1 ms", "1 h");
        assertEquals(new Granted(2, ACCEPTED), claim("b", 1, ATTEMPTS));
    }

    @Test
    void takesARepeatWithAnotherTimeForTheSameInvocation() {
        claim("a", 1, ATTEMPTS);
        var repeat = new ClaimRequest(id, REPEATED, 1, ATTEMPTS);
        assertEquals(List.of(new Held()), claims.claim("b", List.of(repeat)));
        removeLease("a");
        assertEquals(List.of(new Granted(2, ACCEPTED)), claims.claim("b", List.of(repeat)));
        record("succeeded", 2, ACCEPTED, true);
        assertInstanceOf(Over.class, claims.claim("b", List.of(new ClaimRequest(id, REPEATED, 1, ATTEMPTS))).getFirst());
    }

    @Test
    void tellsHowItEnded() {
        claim("a", 1, ATTEMPTS);
        record("failed", 1, ACCEPTED, true);
        var over = new Over(InvocationStatus.FAILED, "function_error", "it broke", 7, RESULT);
        assertEquals(over, claim("b", 1, ATTEMPTS));
        removeLease("a");
        assertEquals(over, claim("b", 1, ATTEMPTS));
    }

    @Test
    void isOverWhereTheNextAttemptIsScheduled() {
        claim("a", 1, ATTEMPTS);
        record("scheduled", 1, ACCEPTED, true);
        removeLease("a");
        assertEquals(InvocationStatus.SCHEDULED, assertInstanceOf(Over.class, claim("b", 1, ATTEMPTS)).status());
    }

    @Test
    void isNotOverWhereOnlyAnEarlierAttemptHasEnded() {
        claim("a", 1, ATTEMPTS);
        record("scheduled", 1, ACCEPTED, true);
        claim("a", 2, ATTEMPTS);
        removeLease("a");
        assertEquals(new Granted(3, ACCEPTED), claim("b", 2, ATTEMPTS));
    }

    @Test
    void isNotOverWhereTheFirstAttemptWasDelayed() {
        record("scheduled", 1, ACCEPTED, false);
        assertEquals(new Granted(1, ACCEPTED), claim("a", 1, ATTEMPTS));
        removeLease("a");
        assertEquals(new Granted(2, ACCEPTED), claim("b", 1, ATTEMPTS));
    }

    @Test
    void isNotOverWhereItIsOnlyAccepted() {
        record("accepted", 1, ACCEPTED, false);
        assertEquals(new Granted(1, ACCEPTED), claim("a", 1, ATTEMPTS));
        assertEquals(new Held(), claim("b", 1, ATTEMPTS));
    }

    @Test
    void losesWhatMayRunOnlyOnce() {
        claim("a", 1, NEVER);
        removeLease("a");
        assertEquals(new Lost(1, ACCEPTED), claim("b", 1, NEVER));
    }

    @Test
    void losesWhatHasNoAttemptsLeft() {
        claim("a", 1, 2);
        removeLease("a");
        assertEquals(new Granted(2, ACCEPTED), claim("b", 1, 2));
        removeLease("b");
        lease("c", "1 h", "1 h");
        assertEquals(new Lost(2, ACCEPTED), claim("c", 1, 2));
    }

    @Test
    void tellsOneWorkerOnlyThatItIsLost() {
        claim("a", 1, NEVER);
        removeLease("a");
        var lost = request(1, NEVER);
        assertEquals(List.of(new Lost(1, ACCEPTED)), claims.claim("b", List.of(lost)));
        assertEquals(List.of(new Lost(1, ACCEPTED)), claims.claim("b", List.of(lost)));
        assertEquals(new Held(), claim("b", 1, ATTEMPTS));
        removeLease("b");
        lease("c", "1 h", "1 h");
        assertEquals(new Lost(1, ACCEPTED), claim("c", 1, ATTEMPTS));
    }

    @Test
    void runsNothingThatWasCalledOff() {
        execute("INSERT INTO aerodb.invocation_claims (id, accepted_at, attempt, worker) VALUES ('%s', '%s', 1, 'cancelled')"
                .formatted(id, ACCEPTED));
        assertEquals(InvocationStatus.CANCELLED, assertInstanceOf(Over.class, claim("a", 1, ATTEMPTS)).status());
        assertEquals(InvocationStatus.CANCELLED, assertInstanceOf(Over.class, claim("a", 2, ATTEMPTS)).status());
    }

    @Test
    void grantsNothingToAWorkerWithoutALease() {
        assertEquals(new Held(), claim("nobody", 1, ATTEMPTS));
        lease("late", "-1 ms", "1 h");
        assertEquals(new Held(), claim("late", 1, ATTEMPTS));
        assertEquals(new Granted(1, ACCEPTED), claim("a", 1, ATTEMPTS));
    }

    @Test
    void takesNothingOverBeforeOthersCouldRenewTheirLeasesAfterAnOutage() {
        claim("a", 1, ATTEMPTS);
        lease("a", "-1 ms", "1 h");
        lease("b", "1 h", "1 s");
        assertEquals(new Held(), claim("b", 1, ATTEMPTS));
        lease("b", "3 s", "1 h");
        assertEquals(new Held(), claim("b", 1, ATTEMPTS));
        lease("b", "1 h", "11 s");
        assertEquals(new Granted(2, ACCEPTED), claim("b", 1, ATTEMPTS));
    }

    @Test
    void grantsEachInvocationToExactlyOneOfManyWorkers() throws Exception {
        var ids = Stream.generate(UUID::randomUUID).limit(200).toList();
        var granted = contest(ids);
        assertEquals(200, granted.size());
        assertEquals(200, distinct(granted));
    }

    @Test
    void letsExactlyOneOfManyWorkersTakeOver() throws Exception {
        var ids = Stream.generate(UUID::randomUUID).limit(200).toList();
        lease("dead", "1 h", "1 h");
        claims.claim("dead", ids.stream().map(each -> new ClaimRequest(each, ACCEPTED, 1, ATTEMPTS)).toList());
        removeLease("dead");
        var first = contest(ids);
        assertEquals(first.size(), distinct(first));
        var all = new ArrayList<>(first);
        all.addAll(contest(ids)); // whoever was too late by a moment asks again
        assertEquals(200, all.size());
        assertEquals(200, distinct(all));
    }

    @Test
    void forgetsOldClaims() {
        claim("a", 1, ATTEMPTS);
        assertEquals(0, claims.removeOlderThan(Duration.ofHours(1)));
        execute("UPDATE aerodb.invocation_claims SET claimed_at = now() - interval '61 min'");
        assertEquals(1, claims.removeOlderThan(Duration.ofHours(1)));
        assertEquals(new Granted(1, ACCEPTED), claim("b", 1, ATTEMPTS));
    }

    /** Four workers ask for all at once, in different orders. @return what was granted, as often as it was */
    private List<UUID> contest(List<UUID> ids) throws Exception {
        try (var workers = Executors.newFixedThreadPool(4)) {
            var asking = new ArrayList<Callable<List<UUID>>>();
            IntStream.range(0, 4).forEach(number -> {
                lease("w" + number, "1 h", "1 h");
                var order = new ArrayList<>(ids);
                Collections.shuffle(order, new Random(number));
                asking.add(() -> granted("w" + number, order));
            });
            var granted = new ArrayList<UUID>();
            for (var each : workers.invokeAll(asking)) {
                granted.addAll(each.get());
            }
            return granted;
        }
    }

    private List<UUID> granted(String worker, List<UUID> ids) {
        var answers = claims.claim(worker, ids.stream().map(each -> new ClaimRequest(each, ACCEPTED, 1, ATTEMPTS)).toList());
        return IntStream.range(0, ids.size()).filter(index -> answers.get(index) instanceof Granted).mapToObj(ids::get).toList();
    }

    private static long distinct(List<UUID> ids) {
        return ids.stream().distinct().count();
    }

    private Claim claim(String worker, int attempt, int lastAttempt) {
        return claims.claim(worker, List.of(request(attempt, lastAttempt))).getFirst();
    }

    private ClaimRequest request(int attempt, int lastAttempt) {
        return new ClaimRequest(id, ACCEPTED, attempt, lastAttempt);
    }

    private void lease(String worker, String left, String since) {
        execute("""
                INSERT INTO aerodb.instances (name, service, lease_until, renewed_since)
                VALUES ('%s', 'worker', clock_timestamp() + interval '%s', clock_timestamp() - interval '%s')
                ON CONFLICT (name) DO UPDATE SET lease_until = excluded.lease_until, renewed_since = excluded.renewed_since"""
                .formatted(worker, left, since));
    }

    private void removeLease(String worker) {
        execute("DELETE FROM aerodb.instances WHERE name = '" + worker + "'");
    }

    private void record(String status, int attempt, Instant acceptedAt, boolean tried) {
        execute("DELETE FROM aerodb.function_invocations WHERE id = '" + id + "'");
        database.run(connection -> {
            try (var insert = connection.prepareStatement("""
                    INSERT INTO aerodb.function_invocations (id, accepted_at, function_id, function, version, trigger, status, error_code,
                        error_message, role, attempt, finished_at, queue_ms, duration_ms, memory_peak, log, log_truncated, request_topic,
                        request_partition, request_offset, worker, result_topic, result_partition, result_offset)
                    VALUES (?, ?, ?, 'f', 7, 'http', ?, 'function_error', 'it broke', 'anon', ?, ?, 0, 0, 0, '[]', false,
                        'functions.events', 0, 0, 'a', 'functions.replies', 3, 77)""")) {
                insert.setObject(1, id);
                insert.setObject(2, acceptedAt.atOffset(ZoneOffset.UTC));
                insert.setObject(3, UUID.randomUUID());
                insert.setString(4, status);
                insert.setInt(5, attempt);
                insert.setObject(6, tried ? acceptedAt.atOffset(ZoneOffset.UTC) : null);
                return insert.executeUpdate();
            }
        });
    }

    private void execute(String sql) {
        database.run(connection -> {
            try (var statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }
}
