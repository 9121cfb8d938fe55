package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicsTest {

    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration DAY = Duration.ofDays(1);

    @Test
    void makesEachTopicWithItsPartitions() {
        var topics = byName(new Topics(12, 8, 5, 6, WEEK, DAY, 3, 2));
        assertEquals(Map.of("functions.invoke", 12, "functions.events", 8, "functions.delayed", 8, "functions.replies", 5, "functions.invocations", 6, "functions.dead-letters", 1),
                topics.values().stream().collect(Collectors.toMap(NewTopic::name, NewTopic::numPartitions)));
        topics.values().forEach(topic -> assertEquals(3, topic.replicationFactor(), topic.name()));
    }

    @Test
    void makesRoomForTheLargestRecordEverywhere() {
        byName(new Topics(1, 1, 1, 1, WEEK, DAY, 1, 1)).values().forEach(topic ->
                assertEquals(String.valueOf(8 << 20), topic.configs().get("max.message.bytes"), topic.name()));
    }

    @ParameterizedTest
    @CsvSource({"functions.invoke,P7D", "functions.events,P7D", "functions.delayed,P7D", "functions.replies,P1D", "functions.invocations,P7D", "functions.dead-letters,P30D"})
    void keepsRecordsAsLongAsTheyAreOfUse(String name, Duration retention) {
        assertEquals(String.valueOf(retention.toMillis()), byName(new Topics(1, 1, 1, 1, WEEK, DAY, 1, 1)).get(name).configs().get("retention.ms"));
    }

    @Test
    void bindsTheLongestDelayToWhatIsKept() {
        assertEquals(Duration.ofDays(6), new Topics(1, 1, 1, 1, WEEK, DAY, 1, 1).longestDelay());
        assertEquals(Duration.ofSeconds(3085), new Topics(1, 1, 1, 1, Duration.ofHours(1), DAY, 1, 1).longestDelay());
    }

    @Test
    void readsItsSettings() {
        assertEquals(new Topics(12, 12, 12, 6, WEEK, DAY, 1, 1), read(Map.of()));
        assertEquals(new Topics(3, 7, 4, 5, Duration.ofHours(2), Duration.ofMinutes(30), 2, 1), read(Map.of("AEROFN_KAFKA_REQUEST_PARTITIONS", "3", "AEROFN_KAFKA_REPLY_PARTITIONS", "4",
                "AEROFN_KAFKA_EVENT_PARTITIONS", "7", "AEROFN_KAFKA_REQUEST_RETENTION", "2h", "AEROFN_KAFKA_RESULT_RETENTION", "30m",
                "AEROFN_KAFKA_OUTCOME_PARTITIONS", "5", "AEROFN_KAFKA_REPLICATION", "2")));
    }

    @ParameterizedTest
    @CsvSource({"1,0,1", "2,0,1", "3,0,2", "5,0,4", "3,3,3", "3,1,1"})
    void writesOnAllCopiesButOneUnlessToldOtherwise(String replication, String minInSync, String inSync) {
        var topics = read(Map.of("AEROFN_KAFKA_REPLICATION", replication, "AEROFN_KAFKA_MIN_IN_SYNC", minInSync));
        byName(topics).values().forEach(topic -> assertEquals(inSync, topic.configs().get("min.insync.replicas"), topic.name()));
    }

    @Test
    void refusesToWaitForMoreCopiesThanThereAre() {
        var message = assertThrows(ConfigurationException.class, () -> read(Map.of("AEROFN_KAFKA_REPLICATION", "2", "AEROFN_KAFKA_MIN_IN_SYNC", "3"))).getMessage();
        assertTrue(message.contains("AEROFN_KAFKA_MIN_IN_SYNC: is 3, and topics have only 2 copies"), message);
    }

    @ParameterizedTest
    @CsvSource({"AEROFN_KAFKA_REQUEST_PARTITIONS,0", "AEROFN_KAFKA_REPLY_PARTITIONS,1001", "AEROFN_KAFKA_OUTCOME_PARTITIONS,-1",
        "AEROFN_KAFKA_REPLICATION,0", "AEROFN_KAFKA_REPLICATION,ten"})
    void refusesWhatNoBrokerTakes(String variable, String value) {
        assertThrows(ConfigurationException.class, () -> read(Map.of(variable, value)));
    }

    private static Topics read(Map<String, String> environment) {
        var settings = Settings.of("gateway", environment);
        var topics = Topics.read(settings);
        settings.check();
        return topics;
    }

    private static Map<String, NewTopic> byName(Topics topics) {
        return topics.definitions().stream().collect(Collectors.toMap(NewTopic::name, Function.identity()));
    }
}
