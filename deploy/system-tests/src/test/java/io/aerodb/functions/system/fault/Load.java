package io.aerodb.functions.system.fault;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.system.Api;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Calls of one function, each one recorded with its answer. */
final class Load implements AutoCloseable {

    private static final AtomicInteger LOADS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Nothing is sent again by itself: every request is one call. */
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final int load = LOADS.incrementAndGet();
    private final Api api;
    private final String function;
    private final UnaryOperator<String> payload;
    private String token = Api.token(Role.AUTHENTICATED);
    private boolean async;
    private volatile boolean stopped;

    /** @param payload from a call's name, with which the function has to answer */
    Load(Api api, String function, UnaryOperator<String> payload) {
        this.api = api;
        this.function = function;
        this.payload = payload;
    }

    /** Of a function that answers with its payload. */
    Load(Api api, String function) {
        this(api, function, UnaryOperator.identity());
    }

    /** Nobody waits for the function: the answer is that the call was taken. */
    Load async() {
        async = true;
        return this;
    }

    /** The calls are somebody else's, whom gateways give limits of their own. */
    Load by(String caller) {
        token = Api.token(Role.AUTHENTICATED, caller);
        return this;
    }

    /** That many calls at once. */
    Load burst(int count) {
        for (var i = 0; i < count; i++) {
            threads.execute(this::call);
        }
        return this;
    }

    /** Calls at a steady rate, whatever becomes of them, until {@link #stop}. */
    Load perSecond(int rate) {
        threads.execute(() -> {
            var pause = Duration.ofSeconds(1).dividedBy(rate).toNanos();
            var next = System.nanoTime();
            while (!stopped) {
                threads.execute(this::call);
                next += pause;
                sleepUntil(next);
            }
        });
        return this;
    }

    /** Callers each of whom calls again as soon as there is an answer, until {@link #stop}. */
    Load callers(int count) {
        for (var i = 0; i < count; i++) {
            threads.execute(() -> {
                while (!stopped) {
                    call();
                }
            });
        }
        return this;
    }

    /** Lets calls come for so long. */
    Load goOn(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
        return this;
    }

    /** How many calls have been answered, or have lost their connection. */
    int ended() {
        return calls.size();
    }

    /** Returns when everything that was sent has ended. @return all calls, in the order of their ends */
    List<Call> stop() {
        stopped = true;
        Awaitility.await("all calls have ended").atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> calls.size() == sent.get());
        return List.copyOf(calls);
    }

    /** Ends what still waits. */
    @Override
    public void close() {
        stopped = true;
        http.shutdownNow();
        threads.shutdownNow();
    }

    private void call() {
        var name = "call-" + load + "-" + sent.incrementAndGet() + ".";
        var request = api.request("/functions/v1/invoke/" + function).timeout(PATIENCE).header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.ofString(payload.apply(name)));
        if (async) {
            request.header("Prefer", "respond-async");
        }
        var sentNanos = System.nanoTime();
        try {
            var answer = http.send(request.build(), BodyHandlers.ofString());
            end(name, sentNanos, answer.statusCode(), answer.headers().firstValue("x-invocation-id").orElse(null), answer.body());
        } catch (IOException e) {
            end(name, sentNanos, 0, null, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(String name, long sentNanos, int status, @Nullable String id, String body) {
        calls.add(new Call(name, sentNanos, System.nanoTime(), status, id, body));
    }

    private static void sleepUntil(long nanos) {
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
