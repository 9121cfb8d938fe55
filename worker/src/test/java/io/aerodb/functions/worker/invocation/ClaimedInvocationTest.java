package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.AdmissionPolicy;
import io.aerodb.functions.function.AllowedHosts;
import io.aerodb.functions.function.CircuitPolicy;
import io.aerodb.functions.function.Delivery;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.function.RetryPolicy.Cause;
import io.aerodb.functions.function.RunAs;
import io.aerodb.functions.invocation.Claim;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.ReplyCodec;
import io.aerodb.functions.worker.module.Modules;
import io.aerodb.functions.worker.wasm.GuestThreads;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClaimedInvocationTest {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Instant FIRST_ACCEPTED = Requests.ACCEPTED.minusSeconds(5);
    private static final ReplyAddress CALLER = new ReplyAddress("functions.replies", 3);
    private static final RecordPosition RESULT = new RecordPosition("functions.replies", 5, 99);
    private static final List<String> DEAD = List.of("functions.dead-letters", "functions.replies", "functions.invocations");

    private final TestRunner test = new TestRunner();
    private final ModuleHash succeeds = test.postgres.store(Modules.SUCCEEDS);
    private final ModuleHash fails = test.postgres.store(Modules.FAILS);

    @AfterEach
    void close() throws InterruptedException {
        test.close();
    }

    @Test
    void claimsEveryEvent() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        granted(2);
        var request = request(succeeds, DAY, null, false);
        var entry = runEvent(request);
        var claim = test.claimed.getFirst();
        assertEquals(request.id().value(), claim.id());
        assertEquals(Requests.ACCEPTED, claim.acceptedAt());
        assertEquals(2, claim.attempt());
        assertEquals(5, claim.lastAttempt());
        assertEquals("succeeded", entry.status());
        assertEquals(1, test.durable.get());
    }

    @Test
    void claimsACallOnlyIfItSaysSo() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, false)));
        assertEquals(List.of(), test.claimed);
        granted(2);
        test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true)));
        assertEquals(1, test.claimed.size());
        assertEquals(List.of("functions.replies", "functions.invocations", "functions.replies", "functions.invocations"), test.topics());
    }

    @Test
    void neverAsksToTakeOverWhatIsDeliveredAtMostOnceOrNotTriedAgainForThat() throws Exception {
        granted(2);
        deploy(succeeds, FunctionConfig.DEFAULT.with(Delivery.AT_MOST_ONCE, RetryPolicy.DEFAULT, AdmissionPolicy.NONE));
        runEvent(request(succeeds, DAY, null, false));
        deploy(succeeds, retrying(3, Cause.TIMEOUT));
        runEvent(request(succeeds, DAY, null, false));
        assertEquals(List.of(0, 0), test.claimed.stream().map(claim -> claim.lastAttempt()).toList());
    }

    @Test
    void runsAsTheAttemptAndUnderTheTimeThatWereGranted() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        test.answer = Optional.of(new Claim.Granted(3, FIRST_ACCEPTED));
        var entry = runEvent(request(succeeds, DAY, null, false));
        assertEquals(3, entry.attempt());
        assertEquals(FIRST_ACCEPTED, entry.acceptedAt());
        assertEquals(1, test.metrics.get("worker.claims").tag("result", "taken_over").counter().count());
    }

    @Test
    void recordsWhatItGoesBackTo() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        granted(2);
        var lineage = new Lineage(new InvocationId(new UUID(7, 7)), 2, new InvocationId(new UUID(8, 8)));
        assertEquals(lineage, runEvent(request(succeeds, DAY, null, lineage)).lineage());
    }

    @Test
    void holdsEventsWhilePostgresIsAway() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        var again = test.run(Requests.onTheEventsLane(request(succeeds, DAY, null, false)));
        assertAbout(Duration.ofMillis(500), again);
        assertUndone();
    }

    @Test
    void holdsEventsWhileTheRegistryIsAway() throws Exception {
        granted(2);
        assertAbout(Duration.ofMillis(500), test.run(Requests.onTheEventsLane(request(succeeds, DAY, null, false))));
        assertUndone();
    }

    @Test
    void holdsUpNoLaneWithAFunctionThatCannotBeRead() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        test.postgres.unreadableConfig = new IllegalStateException("secret detail");
        granted(2);
        var entry = runEvent(request(succeeds, DAY, null, false));
        assertEquals("scheduled", entry.status());
        assertEquals("unavailable", entry.code());
        assertEquals("the worker failed to run the function", entry.error());
    }

    @Test
    void rejectsAClaimedCallWhilePostgresIsAway() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        assertEquals(Optional.empty(), test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true))));
        assertEquals(List.of("functions.replies", "functions.invocations"), test.topics());
        assertEquals("unavailable", entry().code());
        assertEquals(List.of(), test.postgres.fetches);
        assertEquals(1, test.durable.get());
    }

    @Test
    void givesUpWhatItWasGrantedWhereHandlingItBreaks() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        granted(1);
        test.metrics.config().meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id meter) {
                throw new IllegalStateException("broken on purpose");
            }
        });
        assertThrows(ExecutionException.class, () -> test.run(Requests.onTheEventsLane(request(succeeds, DAY, null, false))));
        await().atMost(PATIENCE).until(() -> test.givenUp.equals(test.claimed));
    }

    @Test
    void asksAgainForWhatAnotherWorkerHas() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        test.answer = Optional.of(new Claim.Held());
        assertAbout(Duration.ofSeconds(1), test.run(Requests.onTheEventsLane(request(succeeds, DAY, null, false))));
        assertAbout(Duration.ofSeconds(1), test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true))));
        assertUndone();
    }

    @Test
    void skipsWhatIsOver() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        for (var status : List.of(InvocationStatus.SUCCEEDED, InvocationStatus.SCHEDULED, InvocationStatus.CANCELLED)) {
            over(status, null, null);
            assertEquals(Optional.empty(), test.run(Requests.onTheEventsLane(request(succeeds, DAY, null, false))));
        }
        assertEquals(List.of(), test.topics());
        assertEquals(3, test.durable.get());
    }

    @Test
    void answersAgainWhatWasAnsweredBefore() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        var request = request(succeeds, LONG, CALLER, true);
        var stored = new Reply(request.id(), 6, Duration.ofMillis(1), Duration.ofMillis(2), new Outcome.Succeeded(new byte[] {4, 2}));
        test.records.put(RESULT, Requests.consumed(ReplyCodec.encode(new ReplyAddress("functions.replies", 5), Requests.NOW, stored)));
        over(InvocationStatus.SUCCEEDED, null, RESULT);
        assertEquals(Optional.empty(), test.run(Requests.onTheLog(request)));
        assertEquals(List.of("functions.replies"), test.topics());
        assertEquals(3, test.producer.history().getFirst().partition());
        assertArrayEquals(new byte[] {4, 2}, reply().outcome().output());
        assertEquals(6, reply().version());
        assertEquals(1, test.durable.get());
    }

    @Test
    void answersHowItEndedWhereTheOutputIsGone() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        over(InvocationStatus.SUCCEEDED, null, RESULT);
        test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true)));
        assertEquals("succeeded", reply().outcome().status());
        over(InvocationStatus.DEAD_LETTERED, "host_function_error", null);
        test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true)));
        assertEquals(new Failure("failed", "host_function_error", "what went wrong"), Failure.of(reply().outcome()));
        over(InvocationStatus.EXPIRED, "function_timeout", null);
        test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true)));
        assertEquals("expired", reply().outcome().status());
        over(InvocationStatus.CANCELLED, "cancelled", null);
        test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true)));
        assertEquals("rejected", reply().outcome().status());
    }

    @Test
    void answersWithNoOutputOfAnotherInvocation() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        var other = new Reply(InvocationId.at(Requests.NOW), 6, Duration.ZERO, Duration.ZERO, new Outcome.Succeeded(new byte[] {4, 2}));
        test.records.put(RESULT, Requests.consumed(ReplyCodec.encode(CALLER, Requests.NOW, other)));
        over(InvocationStatus.SUCCEEDED, null, RESULT);
        test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true)));
        assertEquals(0, reply().outcome().output().length);
    }

    @Test
    void answersLaterWhileTheResultCannotBeReadOrIsStillToCome() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        over(InvocationStatus.SCHEDULED, "function_timeout", null);
        assertAbout(Duration.ofSeconds(1), test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true))));
        test.kafkaAway = true;
        over(InvocationStatus.SUCCEEDED, null, RESULT);
        assertAbout(Duration.ofSeconds(1), test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true))));
        assertUndone();
    }

    @Test
    void answersNobodyWhoseDeadlineHasPassed() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        over(InvocationStatus.SCHEDULED, "function_timeout", null);
        assertEquals(Optional.empty(), test.run(Requests.onTheLog(request(succeeds, Duration.ofMillis(-1), CALLER, true))));
        assertEquals(List.of(), test.topics());
        assertEquals(1, test.durable.get());
    }

    @Test
    void tellsACallerThatItsWorkerWasLost() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT.with(Delivery.AT_MOST_ONCE, RetryPolicy.DEFAULT, AdmissionPolicy.NONE));
        test.answer = Optional.of(new Claim.Lost(2, FIRST_ACCEPTED));
        assertEquals(Optional.empty(), test.run(Requests.onTheLog(request(succeeds, LONG, CALLER, true))));
        assertEquals(List.of("functions.replies", "functions.invocations"), test.topics());
        assertEquals("failed", entry().status());
        assertEquals("worker_lost", entry().code());
        assertEquals(FIRST_ACCEPTED, entry().acceptedAt());
        assertEquals("worker_lost", reply().outcome().code());
        assertEquals(List.of(), test.postgres.fetches);
    }

    @Test
    void putsALostEventToTheDeadLetters() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        test.answer = Optional.of(new Claim.Lost(5, FIRST_ACCEPTED));
        var entry = runEvent(request(succeeds, DAY, null, false));
        assertEquals(DEAD, test.topics());
        assertEquals("dead_lettered", entry.status());
        assertEquals("worker_lost", entry.code());
        assertEquals(5, entry.attempt());
        assertNull(entry.startedAt());
    }

    @Test
    void schedulesAnotherAttempt() throws Exception {
        deploy(fails, retrying(3, Cause.FUNCTION_ERROR));
        granted(2);
        var entry = runEvent(request(fails, DAY, null, false));
        assertEquals(List.of("functions.invocations"), test.topics());
        assertEquals("scheduled", entry.status());
        assertEquals("function_error", entry.code());
        assertEquals(2, entry.attempt());
        var pause = Duration.between(Requests.NOW, entry.retryAt());
        assertTrue(pause.toMillis() >= 1000 && pause.toMillis() <= 2000, pause::toString);
        assertEquals(1, test.metrics.get("functions.retries").counter().count());
        assertEquals(1, test.durable.get());
    }

    @Test
    void putsAnEventWhoseAttemptsAreUsedUpToTheDeadLetters() throws Exception {
        deploy(fails, retrying(2, Cause.FUNCTION_ERROR));
        granted(2);
        var entry = runEvent(request(fails, DAY, null, false));
        assertEquals(DEAD, test.topics());
        assertEquals("dead_lettered", entry.status());
        assertEquals("function_error", entry.code());
        assertNull(entry.retryAt());
        assertEquals(1, test.metrics.get("functions.dead.letters").counter().count());
        assertEquals(1, test.durable.get());
    }

    @Test
    void putsAnEventToTheDeadLettersThatNoOtherAttemptWouldHelp() throws Exception {
        granted(1);
        deploy(fails, FunctionConfig.DEFAULT);
        assertEquals("function_error", runEvent(request(fails, DAY, null, false)).code());
        test.registry.connected();
        deploy(succeeds, new FunctionConfig(false, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, Map.of()));
        assertEquals("function_not_found", runEvent(request(succeeds, DAY, null, false)).code());
        deploy(succeeds, FunctionConfig.DEFAULT);
        var expired = runEvent(request(succeeds, Duration.ZERO, null, false));
        assertEquals("dead_lettered", expired.status());
        assertEquals("function_timeout", expired.code());
        assertEquals(9, test.topics().size());
    }

    @Test
    void runsNoEventsWhileTheirFunctionsCircuitIsOpen() throws Exception {
        var circuit = new CircuitPolicy(100, Duration.ofMinutes(1), 1, Duration.ofMinutes(30));
        var policy = new AdmissionPolicy(OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), Optional.of(circuit));
        deploy(fails, FunctionConfig.DEFAULT.with(Delivery.AT_LEAST_ONCE, retrying(3, Cause.FUNCTION_ERROR, Cause.UNAVAILABLE).retry(), policy));
        granted(1);
        assertEquals("function_error", runEvent(request(fails, DAY, null, false)).code());
        var putOff = runEvent(request(fails, DAY, null, false));
        assertEquals("scheduled", putOff.status());
        assertEquals("unavailable", putOff.code());
        assertNull(putOff.startedAt());
        assertTrue(putOff.retryAt().isAfter(Requests.NOW.plus(Duration.ofMinutes(20))), putOff::toString);
        granted(3);
        assertEquals("dead_lettered", runEvent(request(fails, DAY, null, false)).status());
    }

    @Test
    void putsAnEventToTheDeadLettersThatWouldBeTooOldWhenItsFunctionsCircuitCloses() throws Exception {
        var circuit = new CircuitPolicy(100, Duration.ofMinutes(1), 1, Duration.ofMinutes(30));
        var policy = new AdmissionPolicy(OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), Optional.of(circuit));
        var retry = new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofMinutes(10), Set.of(Cause.FUNCTION_ERROR, Cause.UNAVAILABLE));
        deploy(fails, FunctionConfig.DEFAULT.with(Delivery.AT_LEAST_ONCE, retry, policy));
        granted(1);
        assertEquals("scheduled", runEvent(request(fails, retry.maxAge(), null, false)).status());
        var open = runEvent(request(fails, retry.maxAge(), null, false));
        assertEquals("dead_lettered", open.status());
        assertEquals("unavailable", open.code());
    }

    @Test
    void neverTriesACallAgain() throws Exception {
        deploy(fails, retrying(5, Cause.FUNCTION_ERROR));
        granted(1);
        test.run(Requests.onTheLog(request(fails, LONG, CALLER, true)));
        assertEquals("failed", entry().status());
    }

    @Test
    void runsAnEventNoLongerThanItsFunctionMay() throws Exception {
        var endless = test.postgres.store(Modules.NEVER_RETURNS);
        deploy(endless, new FunctionConfig(true, true, RunAs.CALLER, AllowedHosts.NONE,
                new Limits(Limits.MIN_TIMEOUT, Limits.DEFAULT.memoryBytes()), Map.of()));
        granted(1);
        assertEquals("function_timeout", runEvent(request(endless, DAY, null, false)).code());
    }

    @Test
    void leavesAnEventUndoneWhenItIsInterruptedWhileItWaitsForItsClaim() throws Exception {
        deploy(succeeds, FunctionConfig.DEFAULT);
        granted(1);
        var guest = new GuestThreads().newThread(() -> {
            Thread.currentThread().interrupt();
            test.runner.run(Requests.onTheEventsLane(request(succeeds, DAY, null, false)), test.durable::incrementAndGet);
        });
        guest.start();
        await().atMost(PATIENCE).until(() -> !guest.isAlive());
        assertUndone();
    }

    /** How an outcome differs from success. */
    private record Failure(String status, String code, String message) {

        static Failure of(Outcome outcome) {
            return new Failure(outcome.status(), outcome.code(), outcome.message());
        }
    }

    private void deploy(ModuleHash module, FunctionConfig config) {
        test.deploy(Requests.FUNCTION, module, config);
    }

    private void granted(int attempt) {
        test.answer = Optional.of(new Claim.Granted(attempt, Requests.ACCEPTED));
    }

    private void over(InvocationStatus status, @Nullable String code, @Nullable RecordPosition result) {
        test.answer = Optional.of(new Claim.Over(status, code, code == null ? null : "what went wrong", 6, result));
    }

    private static FunctionConfig retrying(int attempts, Cause... causes) {
        var retry = new RetryPolicy(attempts, Duration.ofSeconds(1), Duration.ofMinutes(5), DAY, Set.of(causes));
        return FunctionConfig.DEFAULT.with(Delivery.AT_LEAST_ONCE, retry, AdmissionPolicy.NONE);
    }

    private static InvocationRequest request(ModuleHash module, Duration untilDeadline, @Nullable ReplyAddress replyTo, boolean claimed) {
        var plain = Requests.request(module, untilDeadline, replyTo);
        return new InvocationRequest(plain.id(), plain.trigger(), plain.function(), plain.attempt(), plain.acceptedAt(), plain.deadline(),
                plain.identity(), replyTo, claimed, Lineage.NONE, null, null, plain.payload());
    }

    private static InvocationRequest request(ModuleHash module, Duration untilDeadline, @Nullable ReplyAddress replyTo, Lineage lineage) {
        var plain = Requests.request(module, untilDeadline, replyTo);
        return new InvocationRequest(plain.id(), plain.trigger(), plain.function(), plain.attempt(), plain.acceptedAt(), plain.deadline(),
                plain.identity(), replyTo, false, lineage, null, null, plain.payload());
    }

    private InvocationEntry runEvent(InvocationRequest request) throws Exception {
        assertEquals(Optional.empty(), test.run(Requests.onTheEventsLane(request)));
        return entry();
    }

    private InvocationEntry entry() throws Exception {
        return EntryCodec.decode(Requests.consumed(test.producer.history().getLast()));
    }

    /** The last one. */
    private Reply reply() throws Exception {
        return ReplyCodec.decode(Requests.consumed(
                test.producer.history().stream().filter(record -> record.topic().equals("functions.replies")).toList().getLast()));
    }

    private void assertUndone() {
        assertEquals(List.of(), test.topics());
        assertEquals(0, test.durable.get());
    }

    private static void assertAbout(Duration expected, Optional<Duration> again) {
        assertFalse(again.isEmpty());
        var share = again.get().toMillis() / (double) expected.toMillis();
        assertTrue(share >= 0.8 && share <= 1.2, again::toString);
    }
}
