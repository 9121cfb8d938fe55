package io.aerodb.functions.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.function.AdmissionPolicy;
import io.aerodb.functions.function.Delivery;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.scheduler.Stage.Stored;
import io.aerodb.functions.scheduler.batch.Transactions;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DueDrainIT {

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
    void putsWhatIsDueOnTheEventsLaneAsItsNextAttempt() throws Exception {
        var policy = new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofHours(2), RetryPolicy.DEFAULT.on());
        var function = stage.deployed("hello", (byte) 1, FunctionConfig.DEFAULT.with(Delivery.AT_LEAST_ONCE, policy, AdmissionPolicy.NONE));
        var accepted = Instant.now().minusSeconds(60);
        var due = stage.stored(Topics.EVENTS, "hello/1".getBytes(StandardCharsets.UTF_8), Stage.request(function, accepted));
        stage.due(due, 2, -1);
        stage.due(stage.stored(function), 2, 3_600_000);

        var drain = stage.drain(10);
        assertTrue(Stage.take(drain::drain).isZero());
        assertFalse(Stage.take(drain::drain).isZero(), "the other one is due in an hour");

        var records = stage.records(Topics.EVENTS);
        assertEquals(2, records.size(), "the original and its next attempt");
        var again = records.getLast();
        assertArrayEquals("hello/1".getBytes(StandardCharsets.UTF_8), again.key());
        var request = stage.decoded(again);
        assertEquals(due.request().id(), request.id());
        assertEquals(2, request.attempt());
        assertEquals(due.request().acceptedAt(), request.acceptedAt());
        assertEquals(due.request().acceptedAt().plus(Duration.ofHours(2)).toEpochMilli(), request.deadline().toEpochMilli());
        assertEquals(due.request().identity(), request.identity());
        assertNull(request.replyTo());
        assertArrayEquals(due.request().payload(), request.payload());
        assertEquals(1, stage.count("aerodb.due_invocations"));
    }

    @Test
    void givesAnInvocationOfAFunctionThatIsGoneTheDefaultAge() throws Exception {
        var due = stage.stored(Stage.GONE_FUNCTION);
        stage.due(due, 2, -1);
        Stage.take(stage.drain(10)::drain);
        var deadline = stage.events().getFirst().deadline();
        assertEquals(due.request().acceptedAt().plus(RetryPolicy.DEFAULT.maxAge()).toEpochMilli(), deadline.toEpochMilli());
    }

    @Test
    void givesAnInvocationOfAConfigurationThatOnlyNewerServicesReadTheDefaultAge() throws Exception {
        var function = stage.deployed("hello", (byte) 1, FunctionConfig.DEFAULT);
        stage.execute("UPDATE aerodb.function_versions SET config = config || '{\"retry\": {\"on\": [\"tomorrow\"]}}'");
        var due = stage.stored(function);
        stage.due(due, 2, -1);
        Stage.take(stage.drain(10)::drain);
        assertEquals(due.request().acceptedAt().plus(RetryPolicy.DEFAULT.maxAge()).toEpochMilli(), stage.events().getFirst().deadline().toEpochMilli());
    }

    @Test
    void keepsTheAcceptanceThatTheRowWasMadeFor() throws Exception {
        var repeat = stage.stored(Stage.GONE_FUNCTION);
        stage.due(repeat, 3, -1);
        stage.execute("UPDATE aerodb.due_invocations SET accepted_at = '2026-01-02T03:04:05Z'");
        Stage.take(stage.drain(10)::drain);
        var request = stage.events().getFirst();
        assertEquals(Instant.parse("2026-01-02T03:04:05Z"), request.acceptedAt());
        assertEquals(request.acceptedAt().plus(RetryPolicy.DEFAULT.maxAge()), request.deadline());
        assertEquals(3, request.attempt());
    }

    @Test
    void countsTheAgeOfADelayedInvocationFromWhenItIsPutOnTheLane() throws Exception {
        var delayed = stage.stored(Topics.EVENTS, null, Stage.request(Stage.GONE_FUNCTION, Instant.now().minus(Duration.ofDays(3))));
        stage.due(delayed, 1, -Duration.ofDays(2).toMillis());
        Stage.take(stage.drain(10)::drain);
        var request = stage.events().getLast();
        assertEquals(delayed.request().acceptedAt(), request.acceptedAt());
        assertTrue(request.deadline().isAfter(Instant.now().plus(RetryPolicy.DEFAULT.maxAge()).minusSeconds(60)), request.deadline()::toString);
    }

    @Test
    void letsOthersGoFirstWhereOneCannotBeDealtWith() throws Exception {
        var first = stage.stored(Stage.GONE_FUNCTION);
        var inItsPlace = new Stored(Stage.request(Stage.GONE_FUNCTION, Instant.now()), first.position());
        stage.due(first, 2, -3000);
        stage.due(inItsPlace, 2, -2000); // one position is told of once
        var never = new Stored(Stage.request(Stage.GONE_FUNCTION, Instant.now()), new RecordPosition("functions.never", 0, 0));
        var nowhere = new Stored(Stage.request(Stage.GONE_FUNCTION, Instant.now()), new RecordPosition(Topics.INVOKE, 99, 0));
        stage.due(never, 2, -2000);
        stage.due(nowhere, 2, -2000);
        var last = stage.stored(Stage.GONE_FUNCTION);
        stage.due(last, 2, -1000);

        var drain = stage.drain(4);
        Stage.take(drain::drain);
        assertEquals(1, stage.count("aerodb.due_invocations WHERE due_at > now()"));
        assertEquals(sorted(List.of(never.id(), nowhere.id())), sorted(entries().keySet().stream().filter(id -> !id.equals(inItsPlace.id())).toList()));
        Stage.take(drain::drain);
        assertTrue(ids(stage.events()).contains(last.id()));
    }

    @Test
    void sharesTheWorkSoThatEachGoesOutOnce() throws Exception {
        var due = new ArrayList<Stored>();
        for (var i = 0; i < 900; i++) {
            due.add(stage.stored(Stage.GONE_FUNCTION));
            stage.due(due.getLast(), 2, -1);
        }
        var threads = new ArrayList<Thread>();
        for (var i = 0; i < 3; i++) {
            var drain = stage.drain(50);
            threads.add(Thread.ofPlatform().start(() -> {
                while (stage.count("aerodb.due_invocations") > 0) {
                    Stage.take(drain::drain);
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertEquals(sorted(due.stream().map(Stored::id).toList()), sorted(ids(stage.events())));
    }

    @Test
    void sendsAgainWhatItCouldNotDelete() throws Exception {
        var due = stage.stored(Stage.GONE_FUNCTION);
        stage.due(due, 3, -1);
        stage.execute("""
                CREATE FUNCTION public.crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'crashed'; END $$;
                CREATE TRIGGER crash BEFORE DELETE ON aerodb.due_invocations EXECUTE FUNCTION public.crash()""");
        assertThrows(DatabaseException.class, () -> Stage.take(stage.drain(10)::drain));
        assertEquals(1, stage.count("aerodb.due_invocations"));
        stage.execute("DROP TRIGGER crash ON aerodb.due_invocations");

        Stage.take(stage.drain(10)::drain);
        assertEquals(0, stage.count("aerodb.due_invocations"));
        var twice = stage.events();
        assertEquals(List.of(due.id(), due.id()), ids(twice));
        assertEquals(List.of(3, 3), twice.stream().map(InvocationRequest::attempt).toList());
        assertEquals(twice.getFirst().deadline(), twice.getLast().deadline());
    }

    @Test
    void endsInvocationsWhoseRequestsAreGone() throws Exception {
        var removed = stage.stored(Stage.GONE_FUNCTION);
        stage.deleteRecords(removed.position().topic());
        var kept = stage.stored(Stage.GONE_FUNCTION);
        var forged = new Stored(Stage.request(Stage.GONE_FUNCTION, Instant.now()),
                stage.send(new ProducerRecord<>(Topics.EVENTS, "not a request".getBytes(StandardCharsets.UTF_8))));
        var never = new Stored(Stage.request(Stage.GONE_FUNCTION, Instant.now()),
                new RecordPosition(Topics.INVOKE, 0, 1_000_000));
        var another = new Stored(Stage.request(Stage.GONE_FUNCTION, Instant.now()), kept.position());
        for (var due : List.of(removed, kept, forged, never)) {
            stage.due(due, 2, -1);
        }
        Stage.take(stage.drain(10)::drain);
        stage.due(another, 2, -1);
        Stage.take(stage.drain(10)::drain);

        assertEquals(0, stage.count("aerodb.due_invocations"));
        var entries = entries();
        assertEquals(sorted(List.of(removed.id(), forged.id(), never.id(), another.id())), sorted(entries.keySet().stream().toList()));
        var entry = entries.get(removed.id());
        assertEquals("rejected", entry.status());
        assertEquals("request_gone", entry.code());
        assertEquals("attempt 2 was due, but the request is gone from functions.invoke: retention has removed it", entry.error());
        assertEquals(List.of(removed.request().acceptedAt(), "hello", 7, "http", "authenticated", "user-1", 2, removed.position(), "scheduler-test"),
                List.of(entry.acceptedAt(), entry.function(), entry.version(), entry.trigger(), entry.role(), String.valueOf(entry.user()),
                        entry.attempt(), entry.request(), entry.worker()));
        assertTrue(String.valueOf(entries.get(forged.id()).error()).contains("it cannot be read: "), entries.get(forged.id()).error());
        assertTrue(String.valueOf(entries.get(another.id()).error()).contains("another record"), entries.get(another.id()).error());
        var lane = stage.records(Topics.EVENTS).stream().filter(record -> record.headers().lastHeader("ce_id") != null).map(stage::decoded).toList();
        assertEquals(List.of(kept.id()), ids(lane));
    }

    @Test
    void forgetsAnInvocationThatHasNeitherRequestNorRow() throws Exception {
        var removed = stage.stored(Stage.GONE_FUNCTION);
        stage.deleteRecords(removed.position().topic());
        stage.dueAt(removed.id(), removed, 2, -1);
        Stage.take(stage.drain(10)::drain);
        assertEquals(0, stage.count("aerodb.due_invocations"));
        assertEquals(Map.of(), entries());
    }

    @Test
    void letsPostgresEndATransactionThatStandsStill() throws Exception {
        var limits = new Transactions(stage.database).run(connection -> {
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("SELECT current_setting('idle_in_transaction_session_timeout')")) {
                rows.next();
                return rows.getString(1);
            }
        });
        assertEquals("30s", limits);
        assertEquals("0", stage.text("SHOW idle_in_transaction_session_timeout"), "only for the transaction");
    }

    @Test
    void endsAnInvocationWhoseRequestKafkaRefusesAndGoesOn() throws Exception {
        var refused = stage.stored(Stage.GONE_FUNCTION);
        stage.due(refused, 2, -2000);
        var unknown = stage.stored(Stage.GONE_FUNCTION);
        stage.dueAt(unknown.id(), unknown, 2, -1500);
        var last = stage.stored(Stage.GONE_FUNCTION);
        stage.due(last, 2, -1000);
        var schedulings = new Schedulings(stage);
        var choosy = schedulings.producer(record -> new String(record.headers().lastHeader("ce_id").value(), StandardCharsets.US_ASCII).equals(last.id().toString())
                ? stage.producer.send(record)
                : CompletableFuture.failedFuture(new RecordTooLargeException("the broker takes no more than 7 bytes")));
        Stage.take(stage.drain(10, choosy)::drain);
        assertEquals(0, stage.count("aerodb.due_invocations"));
        assertEquals(List.of(last.id()), ids(stage.events()));
        var entries = entries();
        assertEquals(Set.of(refused.id()), entries.keySet());
        assertEquals(List.of("rejected", "request_refused", "attempt 2 was due, but Kafka refuses the request: the broker takes no more than 7 bytes"),
                Stream.of(entries.get(refused.id())).flatMap(entry -> Stream.of(entry.status(), String.valueOf(entry.code()), String.valueOf(entry.error()))).toList());
    }

    private Map<UUID, InvocationEntry> entries() {
        return stage.entries().stream().collect(Collectors.toMap(InvocationEntry::id, entry -> entry));
    }

    private static List<UUID> ids(List<InvocationRequest> requests) {
        return requests.stream().map(InvocationRequest::id).map(InvocationId::value).toList();
    }

    private static List<UUID> sorted(List<UUID> ids) {
        assertEquals(ids.size(), new TreeSet<>(ids).size(), "each once");
        return ids.stream().sorted().toList();
    }
}
