package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.Claim;
import io.aerodb.functions.telemetry.Tracing;
import io.aerodb.functions.telemetry.TracingSettings;
import io.aerodb.functions.worker.module.Modules;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a record that is put off shows in its trace. */
class PutOffSpansTest {

    /** As protobuf has it, where names stand as they are. */
    private final ConcurrentLinkedQueue<String> received = new ConcurrentLinkedQueue<>();
    private HttpServer collector;
    private Tracing tracing;
    private TestRunner test;
    private ModuleHash succeeds;

    @BeforeEach
    void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/", exchange -> {
            received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        var url = URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces");
        tracing = Tracing.of(new TracingSettings(Optional.of(url), Map.of(), 1), "worker", "worker-1");
        test = new TestRunner(tracing);
        succeeds = test.postgres.store(Modules.SUCCEEDS);
        test.deploy(Requests.FUNCTION, succeeds, FunctionConfig.DEFAULT);
    }

    @AfterEach
    void stop() throws InterruptedException {
        test.close();
        tracing.close();
        collector.stop(0);
    }

    @Test
    void showsTheTurnThatCounts() throws Exception {
        var record = Requests.onTheEventsLane(Requests.request(succeeds, Duration.ofDays(1), null));
        test.answer = Optional.of(new Claim.Held());
        assertTrue(test.run(record).isPresent());
        assertTrue(test.run(record).isPresent());
        test.answer = Optional.of(new Claim.Granted(2, Requests.ACCEPTED));
        assertEquals(Optional.empty(), test.run(record));
        tracing.close();
        assertEquals(1, spans("queue functions.events"));
        assertEquals(1, spans("process functions.events"));
    }

    private long spans(String name) {
        return Pattern.compile(Pattern.quote(name)).matcher(String.join("", received)).results().count();
    }
}
