package io.aerodb.functions.benchmarks;

import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * Requests on one topic and their replies on another, with clients and partitions as the services have them, and nothing else: what
 * is to be measured against it can hardly be faster.
 */
final class KafkaLoad implements AutoCloseable {

    private static final String REQUESTS = "benchmark.requests";
    private static final String REPLIES = "benchmark.replies";
    private static final int REQUEST_PARTITIONS = 4;
    /** About what a sealed request has. */
    private static final int RECORD_BYTES = 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ShutdownSequence parts = new ShutdownSequence();
    private final Producer<byte[], byte[]> requests;
    private final Consumer<byte[], byte[]> replies;

    KafkaLoad(String bootstrap) throws Exception {
        var kafka = new Kafka(bootstrap, "benchmark");
        try (var admin = kafka.admin()) {
            admin.createTopics(List.of(
                    new NewTopic(REQUESTS, Optional.of(REQUEST_PARTITIONS), Optional.empty()),
                    new NewTopic(REPLIES, Optional.of(1), Optional.empty()))).all().get();
        }
        replies = parts.add("replies", tail(kafka, REPLIES, 1));
        requests = parts.add("requests", kafka.spreadingProducer(PATIENCE, PATIENCE, 32 << 20));
        var responder = new Responder(kafka);
        var thread = Thread.ofPlatform().name("kafka-responder").start(responder);
        parts.add("responder", () -> {
            responder.consumer.wakeup();
            thread.join();
        });
    }

    /** @param load without a rate */
    Samples run(Load load) {
        var samples = new Samples();
        var start = System.nanoTime();
        for (var i = 0; i < load.atOnce(); i++) {
            send();
        }
        var underWay = load.atOnce();
        while (underWay > 0) {
            var polled = replies.poll(PATIENCE);
            if (polled.isEmpty()) {
                throw new IllegalStateException("no reply came in " + PATIENCE);
            }
            for (var reply : polled) {
                var now = System.nanoTime();
                samples.add(now - ByteBuffer.wrap(reply.value()).getLong());
                if (now - start < load.duration().toNanos()) {
                    send();
                } else {
                    underWay--;
                }
            }
        }
        samples.elapsed(System.nanoTime() - start);
        return samples;
    }

    private void send() {
        requests.send(new ProducerRecord<>(REQUESTS, ByteBuffer.allocate(RECORD_BYTES).putLong(0, System.nanoTime()).array()));
    }

    @Override
    public void close() {
        parts.close();
    }

    private static Consumer<byte[], byte[]> tail(Kafka kafka, String topic, int partitions) {
        var consumer = kafka.tailingConsumer();
        var all = IntStream.range(0, partitions).mapToObj(partition -> new TopicPartition(topic, partition)).toList();
        consumer.assign(all);
        // looked up now, or what is sent before the first poll would be missed
        all.forEach(partition -> consumer.position(partition, PATIENCE));
        return consumer;
    }

    /** Sends back whatever comes. */
    private static final class Responder implements Runnable {

        private final Consumer<byte[], byte[]> consumer;
        private final Producer<byte[], byte[]> producer;

        private Responder(Kafka kafka) {
            consumer = tail(kafka, REQUESTS, REQUEST_PARTITIONS);
            producer = kafka.producer(PATIENCE, PATIENCE, 32 << 20);
        }

        @Override
        public void run() {
            try (consumer; producer) {
                while (true) {
                    for (ConsumerRecord<byte[], byte[]> request : consumer.poll(PATIENCE)) {
                        producer.send(new ProducerRecord<>(REPLIES, 0, null, request.value()));
                    }
                }
            } catch (WakeupException e) {
                // this is how it is told to end
            }
        }
    }
}
