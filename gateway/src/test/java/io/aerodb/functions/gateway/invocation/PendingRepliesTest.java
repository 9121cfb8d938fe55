package io.aerodb.functions.gateway.invocation;

import static io.aerodb.functions.gateway.invocation.Requests.reply;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.gateway.http.LocalServer;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Reply;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PendingRepliesTest {

    private static final Duration LONG = Duration.ofHours(1);
    private static Vertx vertx;

    private final PendingReplies pending = new PendingReplies(vertx);
    private final Context loop = vertx.getOrCreateContext();
    private final InvocationId id = InvocationId.at(Requests.NOW);
    private final List<Optional<Reply>> answers = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final List<Context> completedOn = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        LocalServer.await(vertx.close());
    }

    @Test
    void completesACallOnTheEventLoopItCameFrom() {
        awaitOnLoop(id, LONG);
        var reply = reply(id, new Outcome.TimedOut("late"));
        fromAKafkaThread(() -> pending.complete(reply));
        await().until(() -> answers.size() == 1);
        assertSame(reply, answers.getFirst().orElseThrow());
        assertEquals(List.of(loop), completedOn);
    }

    @Test
    void completesACallOnlyOnce() {
        awaitOnLoop(id, LONG);
        pending.complete(reply(id, new Outcome.TimedOut("first")));
        pending.complete(reply(id, new Outcome.TimedOut("second")));
        pending.fail(id, new IllegalStateException("third"));
        settle();
        assertEquals(List.of("first"), answers.stream().map(answer -> answer.orElseThrow().outcome().message()).toList());
        assertEquals(List.of(), failures);
    }

    @Test
    void completesNoCallButTheOneThatIsMeant() {
        var other = InvocationId.at(Requests.NOW);
        awaitOnLoop(id, LONG);
        pending.complete(reply(other, new Outcome.TimedOut("foreign")));
        settle();
        assertEquals(List.of(), answers);
        assertTrue(pending.isAwaited(id));
        assertFalse(pending.isAwaited(other));
    }

    @Test
    void givesUpWhenThePatienceIsOver() {
        awaitOnLoop(id, Duration.ofMillis(1));
        await().until(() -> answers.size() == 1);
        assertEquals(Optional.empty(), answers.getFirst());
        assertEquals(List.of(loop), completedOn);
        assertFalse(pending.isAwaited(id));
        pending.complete(reply(id, new Outcome.TimedOut("too late")));
        settle();
        assertEquals(1, answers.size());
    }

    @Test
    void givesUpAtOnceWhereNoPatienceIsLeft() {
        awaitOnLoop(id, Duration.ofSeconds(-5));
        await().until(() -> answers.size() == 1);
        assertEquals(Optional.empty(), answers.getFirst());
    }

    @Test
    void failsACallOnTheEventLoopItCameFrom() {
        awaitOnLoop(id, LONG);
        var failure = new IllegalStateException("kafka");
        fromAKafkaThread(() -> pending.fail(id, failure));
        await().until(() -> failures.size() == 1);
        assertSame(failure, failures.getFirst());
        assertEquals(List.of(loop), completedOn);
        assertFalse(pending.isAwaited(id));
    }

    @Test
    void countsTheCallsThatWait() {
        var others = List.of(InvocationId.at(Requests.NOW), InvocationId.at(Requests.NOW), InvocationId.at(Requests.NOW));
        others.forEach(other -> awaitOnLoop(other, LONG));
        assertEquals(3, pending.size());
        pending.complete(reply(others.get(0), new Outcome.TimedOut("")));
        pending.fail(others.get(1), new IllegalStateException());
        assertEquals(1, pending.size());
        pending.complete(reply(others.get(2), new Outcome.TimedOut("")));
        assertEquals(0, pending.size());
    }

    @Test
    void survivesRepliesAndDeadlinesAtTheSameMoment() {
        var ids = Stream.generate(() -> InvocationId.at(Requests.NOW)).limit(300).toList();
        ids.forEach(call -> awaitOnLoop(call, Duration.ofMillis(1)));
        ids.forEach(call -> pending.complete(reply(call, new Outcome.TimedOut(""))));
        await().until(() -> answers.size() >= ids.size());
        settle();
        assertEquals(ids.size(), answers.size());
        assertEquals(0, pending.size());
    }

    private void awaitOnLoop(InvocationId call, Duration patience) {
        var waiting = Promise.<Void>promise();
        loop.runOnContext(_ -> {
            note(pending.await(call, patience));
            waiting.complete();
        });
        LocalServer.await(waiting.future());
    }

    private void note(Future<Optional<Reply>> reply) {
        reply.onComplete(_ -> completedOn.add(Vertx.currentContext()));
        reply.onSuccess(answers::add).onFailure(failures::add);
    }

    private static void fromAKafkaThread(Runnable task) {
        Thread.ofPlatform().start(task);
    }

    /** Until the event loop has done everything that it has been given. */
    private void settle() {
        var done = new CountDownLatch(1);
        loop.runOnContext(_ -> done.countDown());
        await().until(() -> done.getCount() == 0);
    }
}
