package io.aerodb.functions.gateway.lane;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.gateway.http.LocalServer;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EventsLaneTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final RecordKeys KEYS = RecordKeys.read(
            Settings.of("gateway", Map.of("AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")));
    private static Vertx vertx;

    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final EventsLane lane = new EventsLane(producer, new RequestCodec(KEYS, "/gateway/test"), "test", 3, vertx);

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        LocalServer.await(vertx.close());
    }

    @Test
    void takesARequestOnceKafkaHasItAndThenTellsSo() throws Exception {
        var request = request();
        var taken = lane.accept(request, null);
        assertEquals(1, producer.history().size());
        assertTrue(!taken.isComplete(), "Kafka has not acknowledged it");
        producer.completeNext();
        var position = LocalServer.await(taken);
        assertEquals("functions.events", position.topic());
        var entry = toldEntry();
        assertEquals("accepted", entry.status());
        assertEquals(request.id().value(), entry.id());
        assertEquals(position, entry.request());
        assertEquals(new Lineage(null, 0, request.lineage().replayOf()), entry.lineage());
        assertNull(entry.finishedAt());
        assertEquals("gateway-test", entry.worker());
    }

    @Test
    void spreadsRequestsWithoutAnOrderAndKeepsTheKeyOfOthers() {
        for (var partition = 0; partition < 4; partition++) {
            lane.accept(request(), null);
            assertEquals(partition % 3, producer.history().get(partition).partition());
        }
        lane.accept(request(), new byte[] {7});
        assertNull(producer.history().get(4).partition());
        assertEquals(7, producer.history().get(4).key()[0]);
    }

    @Test
    void tellsThatKafkaDidNotTakeARequestAndSaysNothingToTheOutcomeLog() {
        var refused = lane.accept(request(), null);
        producer.errorNext(new TimeoutException("no broker"));
        assertUnavailable(refused);
        producer.sendException = new TimeoutException("the buffer is full");
        assertUnavailable(lane.accept(request(), null));
        assertEquals(1, producer.history().size());
    }

    @Test
    void takesARequestThoughTheOutcomeLogDoesNotHearOfIt() {
        var taken = lane.accept(request(), null);
        producer.completeNext();
        await().until(() -> producer.history().size() == 2);
        producer.errorNext(new TimeoutException("no broker"));
        assertEquals(new RecordPosition("functions.events", 0, 0), LocalServer.await(taken));
    }

    private InvocationEntry toldEntry() throws Exception {
        await().until(() -> producer.history().size() == 2);
        ProducerRecord<byte[], byte[]> record = producer.history().get(1);
        assertEquals("functions.invocations", record.topic());
        return EntryCodec.decode(new ConsumerRecord<>(record.topic(), 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, record.key(), record.value(),
                record.headers(), Optional.empty()));
    }

    private static void assertUnavailable(Future<?> future) {
        await().until(future::isComplete);
        assertEquals("kafka", assertInstanceOf(UnavailableException.class, future.cause()).dependency());
    }

    private static InvocationRequest request() {
        return new InvocationRequest(InvocationId.at(NOW), TriggerType.HTTP,
                new VersionRef(UUID.randomUUID(), new FunctionName("hello"), 7, ModuleHash.of(new byte[] {1})), 1, NOW, NOW.plus(Duration.ofDays(1)),
                Identity.ANONYMOUS, null, true, Lineage.replayOf(InvocationId.at(NOW)), null, null, new byte[] {1});
    }
}
