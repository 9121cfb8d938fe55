package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aerodb.functions.function.AllowedHosts;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.telemetry.TraceSpan;
import io.aerodb.functions.worker.fetch.FetchAnswer.Answered;
import io.aerodb.functions.worker.fetch.FetchAnswer.Failed;
import io.aerodb.functions.worker.wasm.HostError;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A fetch of a function that may call everything below {@code .test} on a worker where the loopback network is opened. */
final class TestFetch implements AutoCloseable {

    static final Duration LONG = Duration.ofSeconds(60);
    static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"), Network.parse("::1/128"));
    static final TraceContext TRACE = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, CompletionStage<List<InetAddress>>> names = new ConcurrentHashMap<>();
    private final AtomicInteger lookups = new AtomicInteger();
    private final HttpFetch fetch;
    private final int port;

    TestFetch(int port) {
        this(port, settings(100_000, 256, List.of()));
    }

    /** @param port that the function may call, besides the schemes' own */
    TestFetch(int port, FetchSettings settings) {
        this.port = port;
        fetch = new HttpFetch(settings, name -> {
            lookups.incrementAndGet();
            return names.getOrDefault(name.toString(), resolved("127.0.0.1"));
        }, () -> {});
    }

    static FetchSettings settings(int maxBytes, int connections, List<X509Certificate> authorities) {
        return new FetchSettings(maxBytes, maxBytes, Duration.ofSeconds(20), connections, LOOPBACK, authorities);
    }

    /** Every other name is one of 127.0.0.1. */
    void name(String name, String... addresses) {
        names.put(name, resolved(addresses));
    }

    void name(String name, CompletionStage<List<InetAddress>> addresses) {
        names.put(name, addresses);
    }

    int lookups() {
        return lookups.get();
    }

    HttpFetch door() {
        return fetch;
    }

    FetchCaller caller() {
        var hosts = List.of("*.test.example:" + port, "*.test.example", "127.0.0.1:" + port, "[::1]:" + port, "169.254.169.254", "10.0.0.1");
        return new FetchCaller(AllowedHosts.parse(hosts), "0199a3c0-0000-7000-8000-000000000000", 3, TRACE, TraceSpan.none());
    }

    FetchAnswer get(String url) throws InterruptedException {
        return send("{\"url\":\"" + url + "\"}", LONG);
    }

    FetchAnswer send(String json, Duration remaining) throws InterruptedException {
        return fetch.fetch(caller(), json.getBytes(StandardCharsets.UTF_8), remaining);
    }

    /** The answer's JSON, which has the status 200. */
    JsonNode ok(String json) throws Exception {
        var answer = json(send(json, LONG));
        assertEquals(200, answer.get("status").intValue(), answer::toString);
        return answer;
    }

    static JsonNode json(FetchAnswer answer) throws Exception {
        assertInstanceOf(Answered.class, answer, () -> new String(answer.body(), StandardCharsets.UTF_8));
        assertEquals(answer.body().length, answer.code());
        return JSON.readTree(answer.body());
    }

    /** The message of an answer that failed for this reason. */
    static String failure(HostError error, FetchAnswer answer) {
        var failed = assertInstanceOf(Failed.class, answer, () -> new String(answer.body(), StandardCharsets.UTF_8));
        assertEquals(error, failed.error(), failed::message);
        return failed.message();
    }

    @Override
    public void close() {
        fetch.close();
    }

    private static CompletionStage<List<InetAddress>> resolved(String... addresses) {
        return CompletableFuture.completedFuture(Arrays.stream(addresses).map(TestFetch::address).toList());
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
