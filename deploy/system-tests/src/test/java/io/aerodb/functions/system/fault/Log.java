package io.aerodb.functions.system.fault;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What stands on our topics, and how far our groups have come, as any client of the broker sees it. */
final class Log implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final Admin admin;

    Log(String bootstrap) {
        consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap, ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        admin = Admin.create(Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap));
    }

    /** The ends of all partitions of the topics now. */
    Map<TopicPartition, Long> ends(String... topics) {
        return consumer.endOffsets(partitions(List.of(topics)), PATIENCE);
    }

    /** How far a group has committed; without the partitions where it has not. */
    Map<TopicPartition, Long> committed(String group) {
        try {
            var offsets = new HashMap<TopicPartition, Long>();
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get()
                    .forEach((partition, offset) -> Optional.ofNullable(offset).map(OffsetAndMetadata::offset)
                            .ifPresent(position -> offsets.put(partition, position)));
            return offsets;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the offsets of " + group + " cannot be read", e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a group has not committed yet, in records. */
    long lag(String group, String topic) {
        var committed = committed(group);
        return ends(topic).entrySet().stream().mapToLong(end -> end.getValue() - committed.getOrDefault(end.getKey(), 0L)).sum();
    }

    /** All records of a topic from there to its end now. */
    List<ConsumerRecord<byte[], byte[]>> since(Map<TopicPartition, Long> starts, String topic) {
        var ends = ends(topic);
        seek(starts, ends.keySet());
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey(), PATIENCE) < end.getValue())) {
            consumer.poll(POLL).forEach(records::add);
        }
        return records;
    }

    /** The first record of a topic after there that is like this, as soon as it comes. */
    ConsumerRecord<byte[], byte[]> await(Map<TopicPartition, Long> starts, String topic, Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
        seek(starts, partitions(List.of(topic)));
        for (var end = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() < end;) {
            for (var record : consumer.poll(POLL)) {
                if (wanted.test(record)) {
                    return record;
                }
            }
        }
        throw new AssertionError("no such record came to " + topic);
    }

    /** The text of a header, or nothing. */
    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private void seek(Map<TopicPartition, Long> starts, Collection<TopicPartition> partitions) {
        consumer.assign(partitions);
        partitions.forEach(partition -> consumer.seek(partition, Objects.requireNonNullElse(starts.get(partition), 0L)));
    }

    private List<TopicPartition> partitions(List<String> topics) {
        return topics.stream()
                .flatMap(topic -> consumer.partitionsFor(topic, PATIENCE).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .collect(Collectors.toList());
    }

    @Override
    public void close() {
        consumer.close();
        admin.close();
    }
}
