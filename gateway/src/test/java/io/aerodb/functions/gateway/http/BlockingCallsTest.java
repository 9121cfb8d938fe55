package io.aerodb.functions.gateway.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockingCallsTest {

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong nanos = new AtomicLong();
    private final BlockingCalls calls = new BlockingCalls(vertx, "test", 1, 3, nanos::get);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch answers = new CountDownLatch(1);
    private final AtomicInteger done = new AtomicInteger();

    @AfterEach
    void stop() {
        answers.countDown();
        LocalServer.await(vertx.close());
    }

    @Test
    void refusesWhatHasWaitedTooLongForAThreadWithoutDoingIt() throws InterruptedException {
        var slow = calls.run(this::answer);
        var late = IntStream.range(0, 3).mapToObj(_ -> calls.run(done::incrementAndGet)).toList();
        begun.await();
        nanos.set(Duration.ofMillis(2001).toNanos());
        answers.countDown();
        assertEquals("answered", LocalServer.await(slow));
        late.forEach(one -> {
            Awaitility.await().until(one::isComplete);
            assertInstanceOf(UnavailableException.class, one.cause());
        });
        assertEquals(0, done.get());
        assertEquals(1, LocalServer.await(calls.run(done::incrementAndGet)));
    }

    @Test
    void doesWhatHasWaitedForAShortTime() throws InterruptedException {
        calls.run(this::answer);
        var next = calls.run(done::incrementAndGet);
        begun.await();
        nanos.set(Duration.ofMillis(2000).toNanos());
        answers.countDown();
        assertEquals(1, LocalServer.await(next));
    }

    @Test
    void refusesMoreThanMayWait() {
        var taken = IntStream.range(0, 4).mapToObj(_ -> calls.run(this::answer)).toList();
        Future<String> more = calls.run(this::answer);
        assertEquals(429, assertInstanceOf(ProblemException.class, more.cause()).problem().status());
        answers.countDown();
        assertTrue(taken.stream().allMatch(one -> LocalServer.await(one).equals("answered")));
    }

    private String answer() throws InterruptedException {
        begun.countDown();
        answers.await();
        return "answered";
    }
}
