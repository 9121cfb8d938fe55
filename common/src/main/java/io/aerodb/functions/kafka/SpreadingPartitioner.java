package io.aerodb.functions.kafka;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.utils.Utils;

/**
 * Gives each record without a key to the next partition, and one with a key to that of its key: the same that every other producer
 * gives it to. Kafka's own partitioner that goes round takes no notice of keys. Public because producers make it from its name.
 */
public final class SpreadingPartitioner implements Partitioner {

    private final ConcurrentMap<String, AtomicInteger> next = new ConcurrentHashMap<>();

    @Override
    public int partition(String topic, Object key, byte[] keyBytes, Object value, byte[] valueBytes, Cluster cluster) {
        var partitions = cluster.partitionsForTopic(topic).size();
        if (keyBytes != null) {
            return Utils.toPositive(Utils.murmur2(keyBytes)) % partitions;
        }
        var count = next.computeIfAbsent(topic, _ -> new AtomicInteger()).getAndIncrement();
        var available = cluster.availablePartitionsForTopic(topic);
        return available.isEmpty() ? Math.floorMod(count, partitions) : available.get(Math.floorMod(count, available.size())).partition();
    }

    @Override
    public void configure(Map<String, ?> settings) {
        // there is nothing to choose
    }

    @Override
    public void close() {
        // it holds nothing
    }
}
