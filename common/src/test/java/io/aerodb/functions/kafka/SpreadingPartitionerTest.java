package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SpreadingPartitionerTest {

    private static final int PARTITIONS = 12;
    private static final Node BROKER = new Node(1, "broker", 9092);

    private final SpreadingPartitioner partitioner = new SpreadingPartitioner();

    @Test
    void givesRecordsWithoutAKeyToEachPartitionInTurn() {
        var cluster = cluster(_ -> BROKER);
        assertEquals(IntStream.range(0, PARTITIONS).boxed().toList(), partitions(cluster, PARTITIONS));
        assertEquals(0, partition("other", null, cluster), "each topic has its own turns");
    }

    @Test
    void passesOverPartitionsThatHaveNoLeader() {
        assertEquals(List.of(1, 3, 5, 7, 9, 11, 1), partitions(cluster(partition -> partition % 2 == 1 ? BROKER : null), 7));
        assertEquals(List.of(7, 8), partitions(cluster(_ -> null), 2));
    }

    @Test
    void keepsRecordsOfOneKeyTogetherWhereEveryOtherProducerPutsThem() {
        var cluster = cluster(partition -> partition % 2 == 1 ? BROKER : null);
        for (var text : List.of("a", "orders/7", "5e0f9bd3-1c5a-5a0e-9f5e-7d2b6f0c1a11", "")) {
            var key = text.getBytes(StandardCharsets.UTF_8);
            var wanted = BuiltInPartitioner.partitionForKey(key, PARTITIONS);
            assertEquals(Set.of(wanted), Set.copyOf(Stream.generate(() -> partition("topic", key, cluster)).limit(20).toList()), text);
        }
    }

    private List<Integer> partitions(Cluster cluster, int count) {
        return Stream.generate(() -> partition("topic", null, cluster)).limit(count).toList();
    }

    private int partition(String topic, byte @Nullable [] key, Cluster cluster) {
        return partitioner.partition(topic, key, key, new byte[0], new byte[0], cluster);
    }

    private static Cluster cluster(IntFunction<@Nullable Node> leader) {
        var partitions = Stream.of("topic", "other")
                .flatMap(topic -> IntStream.range(0, PARTITIONS).mapToObj(each -> new PartitionInfo(topic, each, leader.apply(each), new Node[0], new Node[0])))
                .toList();
        return new Cluster("test", List.of(BROKER), partitions, Set.of(), Set.of());
    }
}
