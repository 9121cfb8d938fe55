package io.aerodb.functions.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.invocation.InvocationLog.Search;
import io.aerodb.functions.invocation.ReplayMarks.Mark;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InvocationLogIT {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);

    private static Database database;
    private static InvocationLog log;

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
    void comesToTheSameRowInWhateverOrderEntriesCome() {
        for (var order : permutations(5)) {
            var life = Entries.at(NOW);
            var all = List.of(life.accepted(), life.delayed(), life.scheduled(1), life.scheduled(2), life.ended("succeeded", 3));
            for (var i : order) {
                log.append(List.of(all.get(i)));
            }
            checkSucceededAtTheThirdAttempt(life, order);
        }
    }

    @Test
    void comesToTheSameRowInWhateverBatchesEntriesComeAndHoweverOften() {
        for (var order : permutations(4)) {
            for (var cut = 0; cut <= order.size(); cut++) {
                var life = Entries.at(NOW);
                var all = List.of(life.accepted(), life.scheduled(1), life.scheduled(2), life.ended("succeeded", 3));
                var told = order.stream().map(all::get).toList();
                log.append(told.subList(0, cut));
                log.append(told.subList(Math.max(0, cut - 1), told.size()));
                log.append(told);
                checkSucceededAtTheThirdAttempt(life, order);
            }
        }
    }

    private static void checkSucceededAtTheThirdAttempt(Entries life, List<Integer> order) {
        var found = log.find(new InvocationId(life.id())).orElseThrow();
        assertEquals(life.ended("succeeded", 3), found, order::toString);
        assertEquals(Map.of(found, List.of(life.past(1), life.past(2))), log.pastAttempts(List.of(found)), order::toString);
        assertEquals(Optional.empty(), due(life), order::toString);
    }

    @Test
    void keepsWhatIsDueAsFarAsIsKnown() {
        for (var order : permutations(3)) {
            var life = Entries.at(NOW);
            var all = List.of(life.accepted(), life.scheduled(1), life.scheduled(2));
            order.forEach(i -> log.append(List.of(all.get(i))));
            assertEquals(Optional.of(new Due(3, life.scheduled(2).retryAt(), "functions.events:4:92")), due(life));
            var found = log.find(new InvocationId(life.id())).orElseThrow();
            assertEquals(life.scheduled(2), found);
            assertEquals(List.of(life.past(1)), log.pastAttempts(List.of(found)).get(found), order::toString);
        }
    }

    @Test
    void hasADelayedFirstAttemptDueItself() {
        var life = Entries.at(NOW);
        log.append(List.of(life.delayed()));
        assertEquals(Optional.of(new Due(1, life.delayed().retryAt(), "functions.events:4:91")), due(life));
        log.append(List.of(life.ended("cancelled", 1)));
        assertEquals(Optional.empty(), due(life));
        log.append(List.of(life.delayed()));
        assertEquals(Optional.empty(), due(life));
    }

    @Test
    void schedulesNothingTwice() {
        var life = Entries.at(NOW);
        log.append(List.of(life.scheduled(1)));
        execute("DELETE FROM aerodb.due_invocations"); // as the scheduler does when it has put it on the lane
        log.append(List.of(life.scheduled(1)));
        log.append(List.of(life.accepted(), life.scheduled(1)));
        assertEquals(Optional.empty(), due(life));
    }

    @Test
    void keepsTheFirstEndForEver() {
        var life = Entries.at(NOW);
        log.append(List.of(life.ended("expired", 1)));
        log.append(List.of(life.ended("succeeded", 2)));
        log.append(List.of(life.scheduled(7)));
        assertEquals(life.ended("expired", 1), log.find(new InvocationId(life.id())).orElseThrow());
        assertEquals(Optional.empty(), due(life));
    }

    @Test
    void storesAStatusOfANewerVersionAsItIs() {
        var life = Entries.at(NOW);
        log.append(List.of(life.scheduled(1)));
        log.append(List.of(life.ended("evaporated", 2)));
        log.append(List.of(life.ended("succeeded", 3)));
        assertEquals("evaporated", log.find(new InvocationId(life.id())).orElseThrow().status());
        assertEquals(Optional.empty(), due(life));
    }

    @Test
    void keepsTheLastHundredAttempts() {
        var oneByOne = Entries.at(NOW);
        var backwards = Entries.at(NOW);
        log.append(List.of(backwards.ended("succeeded", 131)));
        for (var attempt = 1; attempt <= 130; attempt++) {
            log.append(List.of(oneByOne.scheduled(attempt), backwards.scheduled(131 - attempt)));
        }
        log.append(List.of(oneByOne.ended("succeeded", 131)));
        for (var life : List.of(oneByOne, backwards)) {
            var found = log.find(new InvocationId(life.id())).orElseThrow();
            assertEquals(IntStream.rangeClosed(31, 130).mapToObj(life::past).toList(), log.pastAttempts(List.of(found)).get(found));
        }
    }

    @Test
    void takesWhatPostgresqlCannotStoreAsText() {
        var life = Entries.at(NOW);
        var nul = new InvocationEntry(life.id(), new UUID(1, 2), "hello", 1, "http", "failed", "function_error", "a\0b", "anon", null, "u\0", 1, NOW,
                NOW, NOW, 1, 1, 1, List.of(new LogLine(LogLine.Level.INFO, 0, "\0")), false, new RecordPosition("t", 0, 0), "w");
        log.append(List.of(nul, life.scheduled(1)));
        var found = log.find(new InvocationId(life.id())).orElseThrow();
        assertEquals("a\uFFFDb", found.error());
        assertEquals("u\uFFFD", found.user());
        assertEquals("\uFFFD", found.log().getFirst().message());
    }

    @Test
    void endsWhatWaitsAndKeepsHowItsLastAttemptEnded() {
        var waiting = Entries.at(NOW);
        var over = Entries.at(NOW);
        log.append(List.of(waiting.scheduled(1), over.ended("failed", 1)));
        assertTrue(end(waiting.ended("cancelled", 2)));
        var found = log.find(new InvocationId(waiting.id())).orElseThrow();
        assertEquals(waiting.ended("cancelled", 2), found);
        assertEquals(List.of(waiting.past(1)), log.pastAttempts(List.of(found)).get(found));
        assertEquals(Optional.empty(), due(waiting));

        assertFalse(end(waiting.ended("cancelled", 3)));
        assertEquals(waiting.ended("cancelled", 2), log.find(new InvocationId(waiting.id())).orElseThrow());
        assertFalse(end(over.ended("cancelled", 2)));
        assertEquals("failed", status(new InvocationId(over.id())));
        var unheardOf = Entries.at(NOW);
        assertFalse(end(unheardOf.ended("cancelled", 1)));
        assertEquals(Optional.empty(), log.find(new InvocationId(unheardOf.id())));
    }

    private static boolean end(InvocationEntry entry) {
        return database.inTransaction(connection -> InvocationLog.end(connection, entry));
    }

    @Test
    void findsByIdAloneWhateverItsVersion() {
        var named = new Entries(InvocationId.named(new UUID(1, 2), UUID.randomUUID().toString()).value(), NOW.minus(20, ChronoUnit.DAYS));
        log.append(List.of(named.accepted()));
        assertEquals(Optional.of(named.accepted()), log.find(new InvocationId(named.id())));
        assertEquals(Optional.empty(), log.find(InvocationId.at(NOW)));
        assertEquals(Optional.empty(), log.find(InvocationId.at(Instant.EPOCH)));
        assertEquals(Optional.empty(), log.find(InvocationId.parse("ffffffff-ffff-7fff-bfff-ffffffffffff").orElseThrow()));
    }

    @Test
    void findsTheLastThatWasAcceptedUnderAnId() {
        var id = InvocationId.named(new UUID(1, 2), UUID.randomUUID().toString());
        var first = new Entries(id.value(), NOW.minus(2, ChronoUnit.DAYS));
        var second = new Entries(id.value(), NOW);
        log.append(List.of(first.ended("failed", 1), second.accepted()));
        assertEquals(Optional.of(second.accepted()), log.find(id));
    }

    @Test
    void findsSeveralOfATimeInTheOrderOfTheirAcceptance() {
        var early = Entries.at(NOW.minus(3, ChronoUnit.DAYS));
        var late = Entries.at(NOW);
        var named = new Entries(InvocationId.named(new UUID(1, 2), UUID.randomUUID().toString()).value(), NOW.minus(40, ChronoUnit.DAYS));
        log.append(List.of(late.accepted(), early.accepted(), named.accepted()));
        var ids = Set.of(new InvocationId(late.id()), new InvocationId(early.id()), new InvocationId(named.id()), InvocationId.at(NOW));
        assertEquals(List.of(named.accepted(), early.accepted(), late.accepted()), log.find(ids, named.acceptedAt(), NOW));
        assertEquals(List.of(early.accepted(), late.accepted()), log.find(ids, early.acceptedAt(), NOW));
        assertEquals(List.of(early.accepted()), log.find(ids, early.acceptedAt(), early.acceptedAt()));
        assertEquals(List.of(), log.find(Set.of(), named.acceptedAt(), NOW));
    }

    @Test
    void tellsThatAWorkerHasIt() {
        var life = Entries.at(NOW);
        var id = new InvocationId(life.id());
        log.append(List.of(life.accepted()));
        claim(life, 1, "alive");
        execute("INSERT INTO aerodb.instances VALUES ('alive', 'worker', now() + interval '1 hour') ON CONFLICT DO NOTHING");
        execute("INSERT INTO aerodb.instances VALUES ('dead', 'worker', now() - interval '1 second') ON CONFLICT DO NOTHING");
        assertEquals("running", status(id));
        log.append(List.of(life.scheduled(1)));
        assertEquals("scheduled", status(id)); // the claim is that of the attempt that is over
        claim(life, 2, "alive");
        assertEquals("running", status(id));
        assertEquals("running", log.search(search(null, "scheduled")).stream().filter(found -> found.id().equals(life.id())).findFirst().orElseThrow().status());
        claim(life, 2, "dead");
        assertEquals("scheduled", status(id));
        claim(life, 2, "unheard-of");
        assertEquals("scheduled", status(id));
        claim(life, 2, "alive");
        log.append(List.of(life.ended("succeeded", 2)));
        assertEquals("succeeded", status(id));
    }

    @Test
    void searchesByWhatIsAsked() {
        var function = "f" + UUID.randomUUID();
        var cause = InvocationId.at(NOW);
        var original = InvocationId.at(NOW);
        var caused = told(function, "succeeded", new Lineage(cause, 1, null));
        var replay = told(function, "dead_lettered", new Lineage(null, 0, original));
        log.append(List.of(caused, replay));
        assertEquals(List.of(caused), log.search(new Search(null, null, null, cause, null, null, null, null, 10)));
        assertEquals(List.of(replay), log.search(new Search(null, null, null, null, original, null, null, null, 10)));
        assertEquals(List.of(replay), log.search(search(new FunctionName(function), "dead_lettered")));
        assertEquals(2, log.search(search(new FunctionName(function), null)).size());
        assertTrue(log.search(search(null, null)).size() >= 2);
    }

    @Test
    void marksWhatWasReplayedAndNothingElse() {
        var dead = Entries.at(NOW);
        var failed = Entries.at(NOW);
        log.append(List.of(dead.ended("dead_lettered", 5), failed.ended("failed", 1)));
        var replay = UUID.randomUUID();
        database.inTransaction(connection -> {
            ReplayMarks.write(connection, List.of(new Mark(failed.id(), NOW, replay), new Mark(dead.id(), NOW, replay)));
            return replay;
        });
        log.append(List.of(dead.ended("dead_lettered", 5)));
        assertEquals("replayed", status(new InvocationId(dead.id())));
        assertEquals("failed", status(new InvocationId(failed.id())));
    }

    private static Search search(@Nullable FunctionName function, @Nullable String status) {
        return new Search(function, status, null, null, null, null, null, null, 500);
    }

    private static InvocationEntry told(String function, String status, Lineage lineage) {
        return new InvocationEntry(InvocationId.at(NOW).value(), new UUID(1, 2), function, 1, "http", status, null, null, "anon", null, null, 1, NOW, NOW,
                NOW, 1, 1, 1, List.of(), false, new RecordPosition("t", 0, 0), lineage, null, null, "w");
    }

    private static String status(InvocationId id) {
        return log.find(id).orElseThrow().status();
    }

    private static void claim(Entries life, int attempt, String worker) {
        execute("""
                INSERT INTO aerodb.invocation_claims (id, accepted_at, attempt, worker) VALUES ('%s', '%s', %d, '%s')
                ON CONFLICT (id) DO UPDATE SET attempt = excluded.attempt, worker = excluded.worker"""
                .formatted(life.id(), life.acceptedAt(), attempt, worker));
    }

    private static void execute(String sql) {
        database.run(connection -> {
            try (var statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }

    private record Due(int attempt, @Nullable Instant at, String request) {}

    private static Optional<Due> due(Entries life) {
        return database.run(connection -> {
            try (var select = connection.prepareStatement("""
                    SELECT attempt, due_at, request_topic || ':' || request_partition || ':' || request_offset
                    FROM aerodb.due_invocations WHERE id = ?""")) {
                select.setObject(1, life.id());
                var row = select.executeQuery();
                return row.next() ? Optional.of(new Due(row.getInt(1), row.getTimestamp(2).toInstant(), row.getString(3))) : Optional.empty();
            }
        });
    }

    private static List<List<Integer>> permutations(int size) {
        if (size == 0) {
            return List.of(List.of());
        }
        var all = new ArrayList<List<Integer>>();
        for (var shorter : permutations(size - 1)) {
            for (var place = 0; place < size; place++) {
                var longer = new ArrayList<>(shorter);
                longer.add(place, size - 1);
                all.add(longer);
            }
        }
        return all;
    }
}
