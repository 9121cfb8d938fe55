package io.aerodb.functions.benchmarks;

import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * A request on one topic and its reply on another, with clients as the services have them, and nothing else: what is to be measured
 * against it can hardly be faster. One request is under way at a time; not thread-safe.
 */
final class KafkaEcho implements AutoCloseable {

    private static final TopicPartition REQUESTS = new TopicPartition("benchmark.requests", 0);
    private static final TopicPartition REPLIES = new TopicPartition("benchmark.replies", 0);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ShutdownSequence parts = new ShutdownSequence();
    private final Producer<byte[], byte[]> requests;
    private final Consumer<byte[], byte[]> replies;

    private KafkaEcho(Kafka kafka) throws Exception {
        try (var admin = kafka.admin()) {
            admin.createTopics(List.of(
                    new NewTopic(REQUESTS.topic(), Optional.of(1), Optional.empty()),
                    new NewTopic(REPLIES.topic(), Optional.of(1), Optional.empty()))).all().get();
        }
        replies = parts.add("replies", tail(kafka, REPLIES));
        requests = parts.add("requests", producer(kafka));
        var responder = new Responder(kafka);
        var thread = Thread.ofPlatform().name("kafka-echo").start(responder);
        parts.add("responder", () -> {
            responder.consumer.wakeup();
            thread.join();
        });
    }

    static KafkaEcho start(String bootstrap) throws Exception {
        return new KafkaEcho(new Kafka(bootstrap, "benchmark"));
    }

    /** Returns when the reply is there. */
    void call(byte[] payload) {
        requests.send(new ProducerRecord<>(REQUESTS.topic(), REQUESTS.partition(), null, payload));
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (replies.poll(PATIENCE).isEmpty()) {
            if (System.nanoTime() - end >= 0) {
                throw new IllegalStateException("no reply came in " + PATIENCE);
            }
        }
    }

    @Override
    public void close() {
        parts.close();
    }

    private static Producer<byte[], byte[]> producer(Kafka kafka) {
        return kafka.producer(PATIENCE, PATIENCE, 32 * 1024 * 1024);
    }

    private static Consumer<byte[], byte[]> tail(Kafka kafka, TopicPartition partition) {
        var consumer = kafka.tailingConsumer();
        consumer.assign(List.of(partition));
        // looked up now, or what is sent before the first poll would be missed
        consumer.position(partition, PATIENCE);
        return consumer;
    }

    /** Sends back whatever comes. */
    private static final class Responder implements Runnable {

        private final Consumer<byte[], byte[]> consumer;
        private final Producer<byte[], byte[]> producer;

        private Responder(Kafka kafka) {
            consumer = tail(kafka, REQUESTS);
            producer = producer(kafka);
        }

        @Override
        public void run() {
            try (consumer; producer) {
                while (true) {
                    for (ConsumerRecord<byte[], byte[]> request : consumer.poll(PATIENCE)) {
                        producer.send(new ProducerRecord<>(REPLIES.topic(), REPLIES.partition(), null, request.value()));
                    }
                }
            } catch (WakeupException e) {
                // this is how it is told to end
            }
        }
    }
}
