package io.aerodb.functions.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import com.sun.net.httpserver.HttpServer;
import io.aerodb.functions.telemetry.TraceSpan.Kind;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class TracingTest {

    private static final TraceContext SAMPLED = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1");
    private static final TraceContext UNSAMPLED = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", null);

    @Test
    void makesNothingWhereNobodyCollects() {
        var tracing = Tracing.of(new TracingSettings(Optional.empty(), Map.of(), 1), "worker", "worker-1");
        assertSame(Tracing.off(), tracing);
        assertFalse(tracing.isOn());
        var span = tracing.begin("run", Kind.INTERNAL, SAMPLED);
        assertSame(TraceSpan.none(), span);
        assertSame(TraceSpan.none(), span.put("a", "b").put("a", 1).put("a", true).rename("b").failed("c"));
        assertSame(SAMPLED, span.contextOr(SAMPLED));
        assertNull(span.contextOr(null));
        span.end();
        tracing.close();
    }

    @Test
    void allocatesNothingWhereNobodyCollects() {
        var tracing = Tracing.off();
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (var i = 0; i < 2; i++) { // the first time loads classes
            var before = threads.getCurrentThreadAllocatedBytes();
            for (var call = 0; call < 100_000; call++) {
                var span = tracing.begin("run", Kind.INTERNAL, SAMPLED);
                span.put("faas.coldstart", true).contextOr(SAMPLED);
                span.end();
            }
            var allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(i == 0 || allocated < 10_000, () -> allocated + " bytes in 100000 calls");
        }
    }

    @Test
    void goesOnWithATraceAndItsState() throws Exception {
        try (var tracing = nowhere(0)) {
            var context = Objects.requireNonNull(tracing.begin("run", Kind.INTERNAL, SAMPLED).contextOr(null));
            assertEquals(SAMPLED.traceId(), context.traceId());
            assertEquals("vendor=1", context.tracestate());
            assertTrue(context.isSampled());
            assertNotEquals(SAMPLED.traceparent(), context.traceparent());
            assertFalse(tracing.begin("run", Kind.INTERNAL, UNSAMPLED).isRecording());
        }
    }

    @Test
    void keepsOfItsOwnTracesAsManyAsItShould() throws Exception {
        try (var all = nowhere(1); var none = nowhere(0)) {
            assertTrue(all.begin("run", Kind.INTERNAL, null).isRecording());
            assertFalse(none.begin("run", Kind.INTERNAL, null).isRecording());
            assertTrue(all.beginLinked("run", Kind.INTERNAL, null).isRecording());
        }
    }

    @Test
    void keepsWhatGoesBackToATraceThatIsKept() throws Exception {
        try (var all = nowhere(1); var none = nowhere(0)) {
            var linked = none.beginLinked("again", Kind.PRODUCER, SAMPLED);
            assertTrue(linked.isRecording());
            assertNotEquals(SAMPLED.traceId(), Objects.requireNonNull(linked.contextOr(null)).traceId());
            assertFalse(all.beginLinked("again", Kind.PRODUCER, UNSAMPLED).isRecording());
        }
    }

    @Test
    void sendsWhatHasEndedWithTheHeadersOfTheCollector() throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        var collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            received.add(exchange.getRequestHeaders().getFirst("x-key") + " " + exchange.getRequestHeaders().getFirst("content-type") + " "
                    + (exchange.getRequestBody().readAllBytes().length > 0));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        var url = URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces");
        try (var tracing = Tracing.of(new TracingSettings(Optional.of(url), Map.of("x-key", "token"), 1), "worker", "worker-1")) {
            tracing.begin("run", Kind.INTERNAL, null).end();
        }
        collector.stop(0);
        assertEquals(List.of("token application/x-protobuf true"), received);
    }

    @Test
    void goesOnWhereTheCollectorIsAway() throws Exception {
        try (var tracing = nowhere(1)) {
            for (var i = 0; i < 20_000; i++) { // more than may wait
                tracing.begin("run", Kind.INTERNAL, null).put("number", i).end();
            }
        }
    }

    /** Where nobody listens. */
    private static Tracing nowhere(double ratio) throws Exception {
        try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var url = URI.create("http://127.0.0.1:" + closed.getLocalPort() + "/v1/traces");
            return Tracing.of(new TracingSettings(Optional.of(url), Map.of(), ratio), "worker", "worker-1");
        }
    }
}
