package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.ReplyCodec;
import io.aerodb.functions.kafka.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class OutcomePublisherTest {

    private static final InvocationId ID = InvocationId.at(Requests.NOW);
    private static final Optional<ReplyAddress> ADDRESS = Optional.of(new ReplyAddress("functions.replies", 3));

    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final OutcomePublisher publisher = new OutcomePublisher(producer, Clock.fixed(Requests.NOW, ZoneOffset.UTC));
    private final AtomicInteger durable = new AtomicInteger();

    @AfterEach
    void close() {
        publisher.close();
    }

    @Test
    void answersTheCallerAtOnceAndThenTellsWhereTheAnswerStands() throws UnreadableRecordException {
        publisher.publish(entry("http"), reply(new byte[] {7}), ADDRESS, durable::incrementAndGet);
        assertEquals(List.of("functions.replies"), topics());
        assertEquals(3, producer.history().getFirst().partition());
        var reply = ReplyCodec.decode(Requests.consumed(producer.history().getFirst()));
        assertEquals(ID, reply.id());
        assertArrayEquals(new byte[] {7}, reply.outcome().output());

        producer.completeNext();
        await().until(() -> producer.history().size() == 2);
        assertEquals(entry("http").withResult(new RecordPosition("functions.replies", 0, 0)), recorded()); // where this producer puts everything
        assertEquals(0, durable.get());
        producer.completeNext();
        assertEquals(1, durable.get());
    }

    @ParameterizedTest
    @CsvSource({"http,''", "webhook,''", "database,x", "schedule,x"})
    void keepsWhatCanBeFetchedLaterOnAnyPartition(String trigger, String output) {
        publisher.publish(entry(trigger), reply(output.getBytes(StandardCharsets.UTF_8)), Optional.empty(), durable::incrementAndGet);
        assertEquals(List.of("functions.replies"), topics());
        assertNull(producer.history().getFirst().partition());
    }

    @Test
    void keepsTheOutputOfAFailure() {
        var failed = new Reply(ID, 7, Duration.ZERO, Duration.ZERO, new Outcome.Failed(Outcome.Failure.FUNCTION_ERROR, "it gave up", new byte[] {1}));
        publisher.publish(entry("database"), failed, Optional.empty(), durable::incrementAndGet);
        assertArrayEquals(new byte[] {1}, producer.history().getFirst().value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"database", "schedule"})
    void keepsNothingWhereThereIsNothingToFetch(String trigger) throws UnreadableRecordException {
        publisher.publish(entry(trigger), reply(new byte[0]), Optional.empty(), durable::incrementAndGet);
        assertEquals(List.of("functions.invocations"), topics());
        assertNull(recorded().result());
        producer.completeNext();
        assertEquals(1, durable.get());
    }

    @Test
    void sendsEachOfThemUntilKafkaHasTakenIt() throws UnreadableRecordException {
        publisher.publish(entry("http"), reply(new byte[] {7}), ADDRESS, durable::incrementAndGet);
        producer.errorNext(new TimeoutException("no broker"));
        await().until(() -> producer.history().size() == 2);
        producer.completeNext(); // the reply
        await().until(() -> producer.history().size() == 3);
        producer.errorNext(new NotEnoughReplicasException("one is missing"));
        await().until(() -> producer.history().size() == 4);
        assertEquals(0, durable.get());
        producer.completeNext();
        assertEquals(1, durable.get());
        assertEquals(List.of("functions.replies", "functions.replies", "functions.invocations", "functions.invocations"), topics());
        assertNotNull(recorded().result());
    }

    @Test
    void goesWithoutAReplyThatKafkaRefuses() throws UnreadableRecordException {
        publisher.publish(entry("http"), reply(new byte[] {7}), ADDRESS, durable::incrementAndGet);
        producer.errorNext(new RecordTooLargeException("too large"));
        await().until(() -> producer.history().size() == 2);
        assertEquals(List.of("functions.replies", "functions.invocations"), topics());
        assertNull(recorded().result());
        producer.completeNext();
        assertEquals(1, durable.get());
    }

    @Test
    void sendsAgainWhatCouldNotEvenBeSent() {
        producer.sendException = new TimeoutException("the buffer is full");
        publisher.publish(entry("database"), reply(new byte[0]), Optional.empty(), durable::incrementAndGet);
        assertEquals(0, producer.history().size());
        producer.sendException = null;
        await().until(() -> producer.history().size() == 1);
        producer.completeNext();
        assertEquals(1, durable.get());
    }

    @Test
    void sendsAgainWhatThereWasNoMemoryFor() {
        var failures = new AtomicInteger(2);
        var shortOfMemory = new MockProducer<byte[], byte[]>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
                if (failures.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("no room for the record");
                }
                return super.send(record, callback);
            }
        };
        try (var own = new OutcomePublisher(shortOfMemory, Clock.fixed(Requests.NOW, ZoneOffset.UTC))) {
            own.publish(entry("http"), reply(new byte[] {7}), ADDRESS, durable::incrementAndGet);
            await().until(() -> durable.get() == 1);
        }
        assertEquals(List.of("functions.replies", "functions.invocations"), shortOfMemory.history().stream().map(ProducerRecord::topic).toList());
    }

    @Test
    void waitsLongerEachTimeUpToAFewSeconds() {
        for (var failures = 1; failures < 100; failures++) {
            var longest = Math.min(100L << Math.min(failures - 1, 10), 5000);
            var pause = SendFailures.pause(failures).toMillis();
            assertTrue(pause >= longest / 2 && pause <= longest, failures + ": " + pause);
        }
    }

    @Test
    void tellsHowMuchIsOnItsWay() {
        assertEquals(0, publisher.bytes());
        publisher.publish(entry("http"), reply(new byte[1 << 20]), ADDRESS, durable::incrementAndGet);
        assertTrue(publisher.bytes() >= 1 << 20);
        producer.errorNext(new TimeoutException("no broker"));
        assertTrue(publisher.bytes() >= 1 << 20);
        await().until(() -> producer.history().size() == 2);
        producer.completeNext();
        await().until(() -> producer.history().size() == 3);
        assertTrue(publisher.bytes() > 0 && publisher.bytes() < 1 << 20);
        producer.completeNext();
        assertEquals(0, publisher.bytes());
    }

    @Test
    void countsWhatKafkaRefusesNoMore() {
        publisher.publish(entry("http"), reply(new byte[1 << 20]), ADDRESS, durable::incrementAndGet);
        producer.errorNext(new RecordTooLargeException("too large"));
        await().until(() -> producer.history().size() == 2);
        assertTrue(publisher.bytes() < 1 << 20);
        producer.completeNext();
        assertEquals(0, publisher.bytes());
    }

    @Test
    void tellsWhatWasTriedOfARecordPutAside() {
        var request = Requests.request(ModuleHash.of(new byte[] {1}), Duration.ofSeconds(1));
        publisher.deadLetter(Requests.onTheLog(request), "attempts are used up", 5, request, durable::incrementAndGet);
        var letter = producer.history().getFirst();
        assertEquals("5", text(letter, "aerofn_attempts"));
        assertEquals(request.id().toString(), text(letter, "aerofn_invocation"));
        assertEquals("hello", text(letter, "aerofn_function"));
    }

    @Test
    void tellsOfManyEventsPutAsideInOneLineAndOfEveryRecordThatCannotBeRead() {
        var logger = (Logger) LoggerFactory.getLogger(OutcomePublisher.class);
        var logged = new ListAppender<ILoggingEvent>();
        logged.start();
        logger.addAppender(logged);
        try {
            var request = Requests.request(ModuleHash.of(new byte[] {1}), Duration.ofSeconds(1));
            var record = Requests.onTheEventsLane(request);
            for (var i = 0; i < 20; i++) {
                publisher.deadLetter(record, "attempts are used up", 5, request, durable::incrementAndGet);
            }
            assertEquals(List.of("put 1 events to the dead letters, this one because: attempts are used up"), messages(logged));
            logged.list.clear();
            publisher.deadLetter(record, "the seal does not hold", 0, null, durable::incrementAndGet);
            publisher.deadLetter(record, "the seal does not hold", 0, null, durable::incrementAndGet);
            assertEquals(2, messages(logged).size());
        } finally {
            logger.detachAppender(logged);
        }
    }

    private static List<String> messages(ListAppender<ILoggingEvent> logged) {
        return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void putsARecordAsideWithTheReason() {
        var record = Requests.onTheLog(Requests.request(ModuleHash.of(new byte[] {1}), Duration.ofSeconds(1)));
        publisher.deadLetter(record, "the seal does not hold", 0, null, durable::incrementAndGet);
        var letter = producer.history().getFirst();
        assertEquals("functions.dead-letters", letter.topic());
        assertArrayEquals(record.value(), letter.value());
        assertEquals("the seal does not hold", text(letter, "aerofn_reason"));
        assertEquals("99", text(letter, "aerofn_offset"));
        assertEquals(0, durable.get());
        producer.errorNext(new TimeoutException("no broker"));
        assertEquals(0, durable.get());
        await().until(() -> producer.history().size() == 2);
        producer.completeNext();
        await().until(() -> durable.get() == 1);
    }

    @Test
    void triesNoMoreOnceItIsClosed() {
        publisher.publish(entry("database"), reply(new byte[0]), Optional.empty(), durable::incrementAndGet);
        publisher.close();
        assertTrue(producer.errorNext(new TimeoutException("no broker")));
        assertEquals(0, durable.get());
        assertEquals(1, producer.history().size());
    }

    private List<String> topics() {
        return producer.history().stream().map(ProducerRecord::topic).toList();
    }

    private static String text(ProducerRecord<byte[], byte[]> record, String header) {
        return new String(record.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
    }

    private InvocationEntry recorded() throws UnreadableRecordException {
        return EntryCodec.decode(Requests.consumed(producer.history().getLast()));
    }

    private static Reply reply(byte[] output) {
        return new Reply(ID, 7, Duration.ofMillis(1), Duration.ofMillis(2), new Outcome.Succeeded(output));
    }

    private static InvocationEntry entry(String trigger) {
        return new InvocationEntry(ID.value(), Requests.FUNCTION, "hello", 7, trigger, "succeeded", null, null, "anon", null, null, 1,
                Requests.ACCEPTED, Requests.NOW, Requests.NOW, 1000, 2000, 65_536, List.of(), false,
                new RecordPosition("functions.invoke", 5, 99), "worker-1");
    }
}
