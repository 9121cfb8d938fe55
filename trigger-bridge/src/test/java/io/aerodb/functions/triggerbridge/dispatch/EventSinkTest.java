package io.aerodb.functions.triggerbridge.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RequestCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventSinkTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final RecordKeys KEYS = RecordKeys.read(
            Settings.of("bridge", Map.of("AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")));

    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final List<Object> endings = new CopyOnWriteArrayList<>();
    private final Callback acknowledged = (_, error) -> endings.add(error == null ? "sent" : error);
    private long nanos;
    private final EventSink sink = new EventSink(producer, new RequestCodec(KEYS, "/test"), "test", new SimpleMeterRegistry(), () -> nanos);

    @AfterEach
    void close() {
        sink.close();
    }

    @Test
    void standsStillWhereKafkaTakesNothing() {
        assertTrue(sink.isMoving());
        sink.send(null, request(), () -> acknowledged);
        sink.send(null, request(), () -> acknowledged);
        pass(9);
        assertTrue(sink.isMoving());
        pass(2);
        assertFalse(sink.isMoving());
        producer.completeNext();
        assertTrue(sink.isMoving(), "it has taken one");
        pass(11);
        assertFalse(sink.isMoving());
        producer.completeNext();
        pass(11);
        assertTrue(sink.isMoving(), "there is nothing to take");
        sink.send(null, request(), () -> acknowledged);
        assertTrue(sink.isMoving());
        assertEquals(List.of("sent", "sent"), endings);
    }

    @Test
    void saysOnceThatSomethingWillNeverBeSent() throws Exception {
        producer.sendException = new KafkaException("no");
        sink.send(null, request(), () -> acknowledged);
        assertEquals(List.of(producer.sendException), endings);
        assertTrue(sink.isMoving());
        sink.putAside(request(), "code", "reason", () -> acknowledged);
        awaitEndings(2);
        producer.sendException = null;
        producer.close();
        sink.putAside(request(), "code", "reason", () -> acknowledged);
        awaitEndings(3);
        assertInstanceOf(Exception.class, endings.getLast());
    }

    private void pass(int seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }

    private void awaitEndings(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> endings.size() == count);
    }

    private static InvocationRequest request() {
        return new InvocationRequest(InvocationId.at(NOW), TriggerType.DATABASE,
                new VersionRef(UUID.randomUUID(), new FunctionName("hello"), 7, ModuleHash.of(new byte[] {1})), 1, NOW, NOW.plus(Duration.ofDays(1)),
                Identity.ANONYMOUS, null, false, Lineage.NONE, null, null, new byte[] {1});
    }
}
