package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LaneConsumerIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int PARTITIONS = 4;
    private static final int LONG = 40;
    private static final int SHORT = 400;

    private final CountDownLatch gate = new CountDownLatch(1);
    /** How often each record was run, by what it carries. */
    private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
    private final Set<String> claimed = ConcurrentHashMap.newKeySet();
    private final Set<String> ended = ConcurrentHashMap.newKeySet();
    private TestKafka broker;
    private Kafka kafka;

    @BeforeEach
    void start() throws InterruptedException {
        broker = TestKafka.own();
        kafka = new Kafka(broker.bootstrap(), "test");
        TopicProvisioning.ensure(kafka, new Topics(PARTITIONS, PARTITIONS, 1, 1, Duration.ofDays(1), Duration.ofDays(1), 1, 1));
    }

    @AfterEach
    void stop() {
        gate.countDown();
        broker.close();
    }

    /** A worker, as far as its lane goes. */
    private final class Member implements AutoCloseable {

        private final LaneWork work;
        private final LaneConsumer consumer;

        Member(LaneKind kind, LaneWork.Runner runner) {
            work = new LaneWork(body -> new Slots(64, 64, _ -> 64, Clock.systemUTC(), body), new MemoryLimit(1000, 1 << 20, 1 << 20), runner, () -> 0,
                    Clock.systemUTC());
            consumer = new LaneConsumer(kind, () -> kafka.groupConsumer("test-" + kind.label(), 100, Duration.ZERO), work, Duration.ofSeconds(30));
            consumer.start();
        }

        int partitions() {
            return work.positions().size();
        }

        @Override
        public void close() throws InterruptedException {
            consumer.close();
            work.awaitIdle(System.nanoTime() + Duration.ofSeconds(30).toNanos());
            work.close();
        }
    }

    @Test
    void runsNothingTwiceAndLosesNothingWhenOthersComeAndGoDuringLongRunsOfTheInteractiveLane() throws Exception {
        comeAndGo(LaneKind.INTERACTIVE, this::run);
    }

    @Test
    void runsNothingTwiceAndLosesNothingWhenOthersComeAndGoDuringLongRunsOfTheEventsLane() throws Exception {
        comeAndGo(LaneKind.EVENTS, this::runClaimed);
    }

    private void comeAndGo(LaneKind kind, LaneWork.Runner runner) throws Exception {
        send(kind, "long", LONG, Duration.ofSeconds(20));
        try (var second = comeDuringLongRuns(kind, runner)) {
            send(kind, "late", SHORT, PATIENCE);
            await().atMost(PATIENCE).until(() -> ended.size() == LONG + 2 * SHORT);
            await().atMost(PATIENCE).until(() -> lag(kind) == 0);
            assertEquals(PARTITIONS, second.partitions());
        }
        assertEquals(Set.of(1), runs.values().stream().map(AtomicInteger::get).collect(Collectors.toSet()));
    }

    /** The first worker is told to stop while its long runs go on; until then a second one has taken half of its partitions. */
    private Member comeDuringLongRuns(LaneKind kind, LaneWork.Runner runner) throws Exception {
        Member second;
        try (var first = new Member(kind, runner)) {
            await().atMost(PATIENCE).until(() -> runs.size() == LONG);
            second = new Member(kind, runner);
            await().atMost(PATIENCE).until(() -> first.partitions() == PARTITIONS / 2);
            send(kind, "short", SHORT, PATIENCE);
            await().atMost(PATIENCE).until(() -> ended.size() == SHORT);
            first.consumer.close();
            var rest = second;
            await().atMost(PATIENCE).until(() -> rest.partitions() == PARTITIONS);
            gate.countDown();
        }
        return second;
    }

    private Optional<Duration> run(ConsumerRecord<byte[], byte[]> record, Runnable durable) {
        var name = new String(record.value(), StandardCharsets.UTF_8);
        if (LaneRecord.of(record).isExpired(Instant.now())) {
            durable.run();
            return Optional.empty();
        }
        runs.computeIfAbsent(name, _ -> new AtomicInteger()).incrementAndGet();
        if (name.startsWith("long")) {
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }
        ended.add(name);
        durable.run();
        return Optional.empty();
    }

    /** As claims have it: what another one runs is held, and over when that has ended. */
    private Optional<Duration> runClaimed(ConsumerRecord<byte[], byte[]> record, Runnable durable) {
        var name = new String(record.value(), StandardCharsets.UTF_8);
        if (claimed.add(name)) {
            return run(record, durable);
        }
        if (!ended.contains(name)) {
            return Optional.of(Duration.ofMillis(100));
        }
        durable.run();
        return Optional.empty();
    }

    private void send(LaneKind kind, String prefix, int count, Duration untilDeadline) throws Exception {
        try (var producer = kafka.producer(Duration.ofSeconds(30), Duration.ofSeconds(5), 1 << 20)) {
            for (var i = 0; i < count; i++) {
                var record = new ProducerRecord<byte[], byte[]>(kind.topic(), i % PARTITIONS, null, (prefix + i).getBytes(StandardCharsets.UTF_8));
                record.headers()
                        .add("ce_function", "f".getBytes(StandardCharsets.UTF_8))
                        .add("ce_deadline", String.valueOf(Instant.now().plus(untilDeadline).toEpochMilli()).getBytes(StandardCharsets.UTF_8));
                producer.send(record).get();
            }
        }
    }

    /** What the group has not committed, by Kafka's word. */
    private double lag(LaneKind kind) throws Exception {
        try (var admin = kafka.admin()) {
            var committed = admin.listConsumerGroupOffsets("test-" + kind.label()).partitionsToOffsetAndMetadata().get();
            var positions = IntStream.range(0, PARTITIONS).mapToObj(partition -> new TopicPartition(kind.topic(), partition))
                    .collect(Collectors.toMap(partition -> partition,
                            partition -> committed.containsKey(partition) ? committed.get(partition).offset() : 0L));
            try (var lag = new LaneLag(admin, () -> positions)) {
                var records = lag.records();
                assertTrue(records >= 0, "Kafka does not answer");
                return records;
            }
        }
    }
}
