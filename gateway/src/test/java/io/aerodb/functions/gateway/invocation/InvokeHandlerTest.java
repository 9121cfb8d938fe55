package io.aerodb.functions.gateway.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.admission.Permit;
import io.aerodb.functions.admission.Verdict;
import io.aerodb.functions.gateway.http.LocalServer;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Promise;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** However a call ends, what it holds is given back once. */
class InvokeHandlerTest {

    private static final InvocationRequest REQUEST = Requests.request(Duration.ofSeconds(10));
    private static final Reply REPLY = Requests.reply(REQUEST.id(), new Outcome.Succeeded("done".getBytes(StandardCharsets.UTF_8)));

    private final List<Verdict> ends = new CopyOnWriteArrayList<>();
    private final List<RoutingContext> calls = new CopyOnWriteArrayList<>();
    private final AtomicInteger gone = new AtomicInteger();
    private final Promise<Optional<Reply>> end = Promise.promise();
    private final LocalServer server = new LocalServer(router -> router.route().handler(context -> {
        var permit = new Permit();
        permit.hold(ends::add);
        context.response().closeHandler(_ -> gone.incrementAndGet());
        InvokeHandler.answer(context, permit, InvokeHandler.replied(context, REQUEST, permit, end.future()));
        calls.add(context);
    }));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void withAReply() {
        end.complete(Optional.of(REPLY));
        assertEquals(200, server.get("/").status());
        assertEquals(List.of(Verdict.SUCCESS), ends);
    }

    @Test
    void withoutAReplyInTime() {
        end.complete(Optional.empty());
        assertEquals(504, server.get("/").status());
        assertEquals(List.of(Verdict.NEITHER), ends);
    }

    @Test
    void withARequestThatKafkaDidNotTake() {
        end.fail(new UnavailableException("kafka", "kafka is unavailable"));
        assertEquals(503, server.get("/").status());
        assertEquals(List.of(Verdict.NEITHER), ends);
    }

    @Test
    void withAReplyAfterTheCallerHasGone() {
        callAndGo();
        assertEquals(List.of(), ends, "the function still runs");
        end.complete(Optional.of(Requests.reply(REQUEST.id(), new Outcome.TimedOut("over 10 s"))));
        await().until(() -> !ends.isEmpty());
        assertEquals(List.of(Verdict.FAILURE), ends);
    }

    @Test
    void withoutAReplyAfterTheCallerHasGone() {
        callAndGo();
        end.complete(Optional.empty());
        await().until(() -> !ends.isEmpty());
        assertEquals(List.of(Verdict.NEITHER), ends);
    }

    @Test
    void withAFailureAfterTheCallerHasGone() {
        callAndGo();
        end.fail(new UnavailableException("kafka", "kafka is unavailable"));
        await().until(() -> !ends.isEmpty());
        assertEquals(List.of(Verdict.NEITHER), ends);
    }

    private void callAndGo() {
        server.abandoned("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII), () -> !calls.isEmpty());
        await().until(() -> gone.get() == 1);
    }
}
