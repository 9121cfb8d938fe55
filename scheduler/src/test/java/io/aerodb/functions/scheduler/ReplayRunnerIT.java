package io.aerodb.functions.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.kafka.DeadLetters;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.scheduler.Stage.Stored;
import io.aerodb.functions.scheduler.replay.ReplayRunner;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplayRunnerIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final UUID REPLAY = new UUID(5, 6);

    private Stage stage;

    @BeforeEach
    void start() throws InterruptedException {
        stage = new Stage(TestKafka.shared(), TestPostgres.shared());
    }

    @AfterEach
    void stop() {
        stage.close();
    }

    @Test
    void replaysWhatMatchesAsNewInvocations() throws Exception {
        var function = stage.deployed("hello", (byte) 1, FunctionConfig.DEFAULT);
        var letter = stage.stored(Topics.EVENTS, "hello/1".getBytes(StandardCharsets.UTF_8), Stage.request(function, Instant.now()));
        stage.row(letter, "dead_lettered");
        stage.execute("INSERT INTO aerodb.dead_letters VALUES (0, 99, now(), 'r', 5, '%s', now(), 'hello', 't', 0, 0)".formatted(letter.id()));
        stage.row(stage.stored(function), "succeeded");
        stage.row(stage.stored(function), "scheduled");
        replay("'dead_lettered'", "NULL", 100, 1000);
        runUntilDone(stage.replays());

        assertEquals("completed|1|0", progress());
        var record = stage.records(Topics.EVENTS).stream().filter(each -> stage.decoded(each).lineage().replayOf() != null).toList();
        assertEquals(1, record.size());
        assertArrayEquals("hello/1".getBytes(StandardCharsets.UTF_8), record.getFirst().key());
        var request = stage.decoded(record.getFirst());
        assertEquals(InvocationId.named(REPLAY, letter.id().toString()), request.id());
        assertEquals(letter.request().id(), request.lineage().replayOf());
        assertEquals(function, request.function());
        assertEquals(1, request.attempt());
        assertTrue(request.claimed());
        assertNull(request.replyTo());
        assertEquals(Duration.ofDays(1).toMinutes(), Math.round(Duration.between(Instant.now(), request.deadline()).toSeconds() / 60.0), 2);
        assertEquals("replayed", stage.text("SELECT status FROM aerodb.function_invocations WHERE id = '%s'".formatted(letter.id())));
        assertEquals(request.id().toString(), stage.text("SELECT replayed_as FROM aerodb.dead_letters"));
    }

    @Test
    void keepsItsPaceWhoeverGoesOnWithIt() throws Exception {
        var originals = originals(30);
        replay("NULL", "NULL", 100, 20);
        var startedAt = System.nanoTime();
        var first = stage.replays();
        var second = stage.replays();
        while (isRunning()) {
            Stage.take(first::goOn);
            Stage.take(second::goOn);
        }
        var took = Duration.ofNanos(System.nanoTime() - startedAt);
        assertTrue(took.compareTo(Duration.ofMillis(1000)) > 0, "30 at 20 a second took " + took);
        assertEquals("completed|30|0", progress());
        assertEquals(originals.stream().map(Stored::id).sorted().toList(), replayedOriginals().stream().sorted().toList(), "each once");
    }

    @Test
    void goesOnAfterACrashWithTheSameIds() throws Exception {
        var originals = originals(12);
        replay("NULL", "NULL", 100, 40);
        var before = stage.replays();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            Stage.take(before::goOn);
            return !progress().equals("running|0|0");
        });
        stage.execute("""
                CREATE FUNCTION public.crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'crashed'; END $$;
                CREATE TRIGGER crash BEFORE UPDATE ON aerodb.replays EXECUTE FUNCTION public.crash();
                """);
        Awaitility.await().atMost(PATIENCE).until(() -> {
            try {
                Stage.take(before::goOn);
                return false;
            } catch (DatabaseException e) {
                return true;
            }
        });
        stage.execute("DROP TRIGGER crash ON aerodb.replays");
        runUntilDone(stage.replays());

        assertEquals("completed|12|0", progress());
        var events = stage.events();
        assertTrue(events.size() > 12 && events.size() <= 16, events.size() + " with the repeated batch");
        assertEquals(originals.stream().map(original -> InvocationId.named(REPLAY, original.id().toString())).sorted(ReplayRunnerIT::compare).toList(),
                events.stream().map(InvocationRequest::id).distinct().sorted(ReplayRunnerIT::compare).toList());
    }

    @Test
    void stopsWhenItIsCancelledOrHasReplayedEnough() throws Exception {
        var originals = originals(20);
        replay("NULL", "NULL", 7, 1000);
        runUntilDone(stage.replays());
        assertEquals("completed|7|0", progress());
        assertEquals(originals.subList(0, 7).stream().map(Stored::id).sorted().toList(), replayedOriginals().stream().sorted().toList(), "the oldest");

        stage.execute("DELETE FROM aerodb.replays");
        replay("NULL", "NULL", 100, 20);
        var runner = stage.replays();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            Stage.take(runner::goOn);
            return !progress().equals("running|0|0");
        });
        stage.execute("UPDATE aerodb.replays SET state = 'cancelled'");
        var cancelled = progress();
        for (var i = 0; i < 10; i++) {
            assertFalse(Stage.take(runner::goOn).isZero(), "there is nothing to go on with");
        }
        assertEquals(cancelled, progress());
    }

    @Test
    void takesTheDeadLetterWhereTheRequestIsGone() throws Exception {
        var withLetter = originals(1).getFirst();
        var without = originals(1).getFirst();
        var record = stage.records(withLetter.position().topic()).stream()
                .filter(each -> stage.decoded(each).id().equals(withLetter.request().id())).findFirst().orElseThrow();
        var letter = stage.send(DeadLetters.encode(record, "attempts are used up", 5, withLetter.request()));
        stage.execute("INSERT INTO aerodb.dead_letters VALUES (%d, %d, now(), 'r', 5, '%s', now(), 'hello', 't', 0, 0)"
                .formatted(letter.partition(), letter.offset(), withLetter.id()));
        stage.deleteRecords(Topics.INVOKE);
        replay("NULL", "NULL", 100, 1000);
        runUntilDone(stage.replays());
        assertEquals("completed|1|1", progress());
        assertEquals(List.of(withLetter.id()), replayedOriginals());
        assertEquals("failed", stage.text("SELECT status FROM aerodb.function_invocations WHERE id = '%s'".formatted(without.id())));
    }

    @Test
    void goesOnWhereKafkaRefusesARequest() throws Exception {
        var originals = originals(3);
        var refused = new AtomicReference<String>();
        var choosy = new Schedulings(stage).producer(record -> {
            var id = new String(record.headers().lastHeader("ce_id").value(), StandardCharsets.US_ASCII);
            return refused.compareAndSet(null, id) || refused.get().equals(id)
                    ? CompletableFuture.failedFuture(new RecordTooLargeException("too large"))
                    : stage.producer.send(record);
        });
        replay("NULL", "NULL", 100, 1000);
        runUntilDone(stage.replays(choosy));
        assertEquals("completed|2|1", progress());
        assertEquals(2, replayedOriginals().size());
        assertTrue(originals.stream().map(Stored::id).toList().containsAll(replayedOriginals()));
        assertEquals(2, stage.entries().size(), "nothing is accepted that was refused");
    }

    @Test
    void runsAnotherVersionIfItIsThere() throws Exception {
        stage.deployed("hello", (byte) 1, FunctionConfig.DEFAULT);
        var second = stage.deployed("hello", (byte) 2, FunctionConfig.DEFAULT);
        originals(3);
        replay("'failed'", "2", 100, 1000);
        runUntilDone(stage.replays());
        assertEquals("completed|3|0", progress());
        assertEquals(List.of(second), stage.events().stream().map(InvocationRequest::function).distinct().toList());

        stage.execute("DELETE FROM aerodb.replays");
        replay("'failed'", "3", 100, 1000);
        runUntilDone(stage.replays());
        assertEquals("cancelled|0|0", progress());
    }

    @Test
    void letsSeveralReplaysTakeTurns() throws Exception {
        originals(20);
        replay("NULL", "NULL", 100, 10);
        stage.execute("INSERT INTO aerodb.replays (id, function, until, max_count, per_second, total) VALUES (gen_random_uuid(), 'hello', now(), 100, 1000, 20)");
        var runner = stage.replays();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            Stage.take(runner::goOn);
            return stage.count("aerodb.replays WHERE state = 'completed'") == 1;
        });
        assertTrue(isRunning(), "the slow one does not hold up the fast one");
        assertThrows(DatabaseException.class, () -> stage.execute("UPDATE aerodb.replays SET per_second = 0"));
    }

    @Test
    void letsOthersGoOnWhereOneFails() throws Exception {
        originals(3);
        replay("NULL", "NULL", 100, 1000);
        failBatches();
        stage.execute("INSERT INTO aerodb.replays (id, function, until, max_count, per_second, total) VALUES (gen_random_uuid(), 'hello', now(), 100, 1000, 3)");
        var runner = stage.replays();
        Awaitility.await().atMost(PATIENCE).ignoreException(DatabaseException.class).until(() -> {
            Stage.take(runner::goOn);
            return stage.count("aerodb.replays WHERE state = 'completed'") == 1;
        });
        assertEquals("running|0|0", progress());
    }

    @Test
    void acceptsTheSameOnceWhenABatchIsRepeated() throws Exception {
        originals(3);
        replay("NULL", "NULL", 100, 1000);
        failBatches();
        var runner = stage.replays();
        assertThrows(DatabaseException.class, () -> Stage.take(runner::goOn));
        stage.execute("DROP TRIGGER fail ON aerodb.replays");
        runUntilDone(runner);
        var events = stage.events();
        assertEquals(6, events.size());
        assertEquals(3, events.stream().map(request -> List.of(request.id(), request.acceptedAt())).distinct().count());
    }

    @Test
    void tellsOfWhatItAcceptedAtOnce() throws Exception {
        originals(3);
        replay("NULL", "NULL", 100, 1000);
        runUntilDone(stage.replays());
        var requests = stage.events().stream().collect(Collectors.toMap(request -> request.id().value(), request -> request));
        var entries = new ArrayList<InvocationEntry>();
        for (var record : stage.records(Topics.INVOCATIONS)) {
            entries.add(EntryCodec.decode(record));
        }
        assertEquals(requests.keySet(), entries.stream().map(InvocationEntry::id).collect(Collectors.toSet()));
        for (var entry : entries) {
            var request = requests.get(entry.id());
            assertEquals(List.of("accepted", request.acceptedAt(), request.lineage(), "scheduler-test", Topics.EVENTS),
                    List.of(entry.status(), entry.acceptedAt(), entry.lineage(), entry.worker(), entry.request().topic()));
            assertTrue(stage.records(Topics.EVENTS).stream().anyMatch(record -> record.partition() == entry.request().partition()
                    && record.offset() == entry.request().offset() && stage.decoded(record).id().equals(request.id())), "where it says");
        }
    }

    /** Each batch of the replay is sent, and cannot be noted. */
    private void failBatches() {
        stage.execute("""
                CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'failed'; END $$;
                CREATE TRIGGER fail BEFORE UPDATE OF replayed ON aerodb.replays FOR EACH ROW WHEN (OLD.id = '%s')
                EXECUTE FUNCTION public.fail()""".formatted(REPLAY));
    }

    private List<Stored> originals(int count) throws Exception {
        var originals = new ArrayList<Stored>();
        for (var i = 0; i < count; i++) {
            var original = stage.stored(Stage.GONE_FUNCTION);
            stage.row(original, "failed");
            originals.add(original);
        }
        return originals;
    }

    private void replay(String status, String version, int maxCount, int perSecond) {
        stage.execute("""
                INSERT INTO aerodb.replays (id, function, status, until, version, max_count, per_second, total)
                VALUES ('%s', 'hello', %s, now() + interval '1 second', %s, %d, %d, 0)""".formatted(REPLAY, status, version, maxCount, perSecond));
    }

    private void runUntilDone(ReplayRunner runner) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
            Stage.take(runner::goOn);
            return !isRunning();
        });
    }

    private boolean isRunning() {
        return progress().startsWith("running");
    }

    private String progress() {
        return stage.text("SELECT concat_ws('|', state, replayed, gone) FROM aerodb.replays WHERE id = '%s'".formatted(REPLAY));
    }

    private List<UUID> replayedOriginals() throws Exception {
        return stage.events().stream().map(request -> request.lineage().replayOf().value()).toList();
    }

    private static int compare(InvocationId one, InvocationId other) {
        return one.value().compareTo(other.value());
    }
}
