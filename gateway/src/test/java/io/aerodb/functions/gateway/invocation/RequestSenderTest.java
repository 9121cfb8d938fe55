package io.aerodb.functions.gateway.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.gateway.http.LocalServer;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.UnreadableRecordException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RequestSenderTest {

    private static final RecordKeys KEYS = RecordKeys.read(
            Settings.of("gateway", Map.of("AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")));
    private static Vertx vertx;

    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final RequestCodec codec = new RequestCodec(KEYS, "/gateway/test");
    private final PendingReplies pending = new PendingReplies(vertx);
    private final RequestSender sender = new RequestSender(producer, codec, pending, Clock.fixed(Requests.NOW, ZoneOffset.UTC));
    private final List<Future<Optional<Reply>>> ends = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        LocalServer.await(vertx.close());
    }

    @Test
    void putsTheRequestOnTheInteractiveLaneWithoutAnOrder() throws UnreadableRecordException {
        var request = Requests.request(Duration.ofHours(1));
        send(request);
        var record = producer.history().getFirst();
        assertEquals("functions.invoke", record.topic());
        assertNull(record.key());
        var decoded = codec.decode(consumed(record));
        assertEquals(request.id(), decoded.id());
        assertEquals(request.replyTo(), decoded.replyTo());
        assertArrayEquals(request.payload(), decoded.payload());
        pending.fail(request.id(), new IllegalStateException("the test is over"));
    }

    @Test
    void handsOnTheReply() {
        var request = Requests.request(Duration.ofHours(1));
        send(request);
        producer.completeNext();
        assertTrue(pending.isAwaited(request.id()), "taken by Kafka is not answered yet");
        var reply = Requests.reply(request.id(), new Outcome.TimedOut("late"));
        pending.complete(reply);
        assertSame(reply, end().result().orElseThrow());
    }

    @Test
    void endsEmptyWhenTheDeadlineHasPassed() {
        send(Requests.request(Duration.ofSeconds(-60)));
        producer.completeNext();
        assertEquals(Optional.empty(), end().result());
    }

    @Test
    void tellsAtOnceThatKafkaDidNotTakeTheRequest() {
        send(Requests.request(Duration.ofHours(1)));
        producer.errorNext(new TimeoutException("no broker"));
        assertEquals("kafka", assertInstanceOf(UnavailableException.class, end().cause()).dependency());
        assertEquals(0, pending.size());
    }

    @Test
    void tellsAtOnceThatKafkaRefusedToSend() {
        producer.sendException = new TimeoutException("the buffer is full");
        send(Requests.request(Duration.ofHours(1)));
        assertEquals("kafka", assertInstanceOf(UnavailableException.class, end().cause()).dependency());
        assertEquals(0, pending.size());
    }

    @Test
    void tellsThatTheGatewayIsBeingStopped() {
        producer.close();
        send(Requests.request(Duration.ofHours(1)));
        assertEquals("kafka", assertInstanceOf(UnavailableException.class, end().cause()).dependency());
        assertEquals(0, pending.size());
    }

    private void send(InvocationRequest request) {
        var sent = new CountDownLatch(1);
        vertx.getOrCreateContext().runOnContext(_ -> {
            var reply = sender.send(request);
            reply.onComplete((_, _) -> ends.add(reply));
            sent.countDown();
        });
        await().until(() -> sent.getCount() == 0);
    }

    private Future<Optional<Reply>> end() {
        await().until(() -> !ends.isEmpty());
        return ends.getFirst();
    }

    private static ConsumerRecord<byte[], byte[]> consumed(ProducerRecord<byte[], byte[]> record) {
        return new ConsumerRecord<>(record.topic(), 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, record.key(), record.value(), record.headers(),
                Optional.empty());
    }
}
