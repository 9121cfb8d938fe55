package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.Claim;
import io.aerodb.functions.invocation.ClaimRequest;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClaimBatcherTest {

    private static final Instant ACCEPTED = Instant.parse("2026-01-01T00:00:00Z");
    private static final TopicPartition PARTITION = new TopicPartition("functions.events", 3);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<List<ClaimRequest>> asked = new CopyOnWriteArrayList<>();
    /** A question is answered for each permit. */
    private final Semaphore answers = new Semaphore(0);
    private final AtomicInteger triedToGiveUp = new AtomicInteger();
    private final List<ClaimRequest> givenUp = new CopyOnWriteArrayList<>();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final ExecutorService slots = Executors.newVirtualThreadPerTaskExecutor();
    private final ClaimBatcher batcher = new ClaimBatcher(this::answer, this::giveUp, new ClaimMetrics(metrics));
    private volatile RuntimeException failure;

    @AfterEach
    void close() throws InterruptedException {
        batcher.close();
        slots.shutdownNow();
    }

    @Test
    void asksAtOnceForOneThatComesAlone() throws Exception {
        batcher.start(PARTITION::equals);
        answers.release();
        assertEquals(granted(1), slots.submit(() -> batcher.claim(request(1), PARTITION)).get());
        assertEquals(1, asked.size());
        assertEquals(1, metrics.get("worker.claims").tag("result", "granted").counter().count());
    }

    @Test
    void asksTogetherForAllWhoWait() throws Exception {
        var waiting = new ArrayList<Future<Claim>>();
        for (var attempt = 1; attempt <= 600; attempt++) {
            var request = request(attempt);
            waiting.add(slots.submit(() -> batcher.claim(request, PARTITION)));
        }
        await().atMost(PATIENCE).until(() -> waiting.stream().noneMatch(Future::isDone) && batcher.waiting() == 600);
        answers.release(100);
        batcher.start(PARTITION::equals);
        for (var attempt = 1; attempt <= 600; attempt++) {
            assertEquals(granted(attempt), waiting.get(attempt - 1).get());
        }
        assertEquals(List.of(256, 256, 88), asked.stream().map(List::size).sorted((a, b) -> b - a).toList());
    }

    @Test
    void neverAsksTwiceForOneInvocationInOneQuestion() throws Exception {
        var request = request(1);
        var first = slots.submit(() -> batcher.claim(request, PARTITION));
        var second = slots.submit(() -> batcher.claim(new ClaimRequest(request.id(), ACCEPTED, 1, 5), PARTITION));
        await().atMost(PATIENCE).until(() -> batcher.waiting() == 2);
        answers.release(2);
        batcher.start(PARTITION::equals);
        assertEquals(granted(1), first.get());
        assertEquals(granted(1), second.get());
        assertEquals(2, asked.size());
    }

    @Test
    void tellsEveryoneThatPostgresIsAway() throws Exception {
        failure = new UnavailableException("postgres", "away");
        var waiting = new ArrayList<Future<Claim>>();
        for (var i = 0; i < 2000; i++) {
            waiting.add(slots.submit(() -> batcher.claim(request(1), PARTITION)));
        }
        await().atMost(PATIENCE).until(() -> batcher.waiting() == 2000);
        answers.release(2);
        batcher.start(PARTITION::equals);
        for (var each : waiting) {
            assertInstanceOf(UnavailableException.class, assertThrows(ExecutionException.class, each::get).getCause());
        }
        assertTrue(asked.size() <= 2);
        assertEquals(2000, metrics.get("worker.claims").tag("result", "unavailable").counter().count());
    }

    @Test
    void goesOnWhenPostgresIsBack() throws Exception {
        batcher.start(PARTITION::equals);
        answers.release(2);
        failure = new UnavailableException("postgres", "away");
        assertThrows(ExecutionException.class, () -> slots.submit(() -> batcher.claim(request(1), PARTITION)).get());
        failure = null;
        assertEquals(granted(2), slots.submit(() -> batcher.claim(request(2), PARTITION)).get());
    }

    @Test
    void goesOnAfterADefect() throws Exception {
        batcher.start(PARTITION::equals);
        answers.release(2);
        failure = new IllegalStateException("a defect");
        var defect = assertThrows(ExecutionException.class, () -> slots.submit(() -> batcher.claim(request(1), PARTITION)).get());
        assertInstanceOf(UnavailableException.class, defect.getCause());
        failure = null;
        assertEquals(granted(2), slots.submit(() -> batcher.claim(request(2), PARTITION)).get());
    }

    @Test
    void asksAgainWithTheSameTokenWhereTheAnswerGotLost() throws Exception {
        batcher.start(PARTITION::equals);
        answers.release(4);
        var request = request(1);
        failure = new UnavailableException("postgres", "lost while it committed");
        assertThrows(ExecutionException.class, () -> slots.submit(() -> batcher.claim(request, PARTITION)).get());
        failure = null;
        slots.submit(() -> batcher.claim(batcher.request(request.id(), ACCEPTED, 1, 5), PARTITION)).get();
        assertEquals(asked.getFirst().getFirst().token(), asked.getLast().getFirst().token());
        slots.submit(() -> batcher.claim(batcher.request(request.id(), ACCEPTED, 1, 5), PARTITION)).get();
        assertNotEquals(asked.getFirst().getFirst().token(), asked.getLast().getFirst().token());
    }

    @Test
    void givesUpWhatCannotBeUsedUntilPostgresTakesIt() {
        var request = request(1);
        failure = new UnavailableException("postgres", "away");
        batcher.start(PARTITION::equals);
        batcher.giveUp(request);
        await().atMost(PATIENCE).until(() -> triedToGiveUp.get() > 0);
        failure = null;
        await().atMost(PATIENCE).until(() -> givenUp.equals(List.of(request)));
    }

    @Test
    void canBeInterruptedWhileItWaits() throws Exception {
        var thread = Thread.ofVirtual().start(() -> assertThrows(InterruptedException.class, () -> batcher.claim(request(1), PARTITION)));
        await().atMost(PATIENCE).until(() -> batcher.waiting() == 1);
        thread.interrupt();
        thread.join();
        assertEquals(0, batcher.waiting());
    }

    @Test
    void letsNobodyWaitOnceItIsClosed() throws Exception {
        var waiting = slots.submit(() -> batcher.claim(request(1), PARTITION));
        await().atMost(PATIENCE).until(() -> batcher.waiting() == 1);
        batcher.close();
        assertInstanceOf(UnavailableException.class, assertThrows(ExecutionException.class, waiting::get).getCause());
        assertThrows(UnavailableException.class, () -> batcher.claim(request(1), PARTITION));
    }

    private List<Claim> answer(List<ClaimRequest> requests) {
        asked.add(requests);
        answers.acquireUninterruptibly();
        if (failure != null) {
            throw failure;
        }
        return requests.stream().map(request -> granted(request.attempt())).toList();
    }

    private void giveUp(List<ClaimRequest> requests) {
        triedToGiveUp.incrementAndGet();
        if (failure != null) {
            throw failure;
        }
        givenUp.addAll(requests);
    }

    private static ClaimRequest request(int attempt) {
        return new ClaimRequest(UUID.randomUUID(), ACCEPTED, attempt, 5);
    }

    private static Claim granted(int attempt) {
        return new Claim.Granted(attempt, ACCEPTED);
    }
}
