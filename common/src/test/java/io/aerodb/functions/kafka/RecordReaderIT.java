package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.testkit.TestKafka;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RecordReaderIT {

    @Test
    void readsEveryRecordWhereItStands() throws Exception {
        var kafka = new Kafka(TestKafka.shared().bootstrap(), "test");
        var written = written(kafka, "read-every", 3, 6000);
        var wanted = new ArrayList<>(written.keySet());
        Collections.shuffle(wanted, new Random(1));
        var some = wanted.subList(0, 700);
        some.add(new RecordPosition("read-every", 1, 1_000_000)); // nothing stands there yet
        try (var reader = new RecordReader(kafka)) {
            for (var round = 0; round < 2; round++) {
                var read = readAll(reader, some);
                assertEquals(Set.copyOf(some), read.keySet());
                assertEquals(some.stream().collect(Collectors.toMap(position -> position, position -> Optional.ofNullable(written.get(position)))), read);
            }
            assertArrayEquals(written.get(wanted.getLast()).getBytes(StandardCharsets.UTF_8), reader.read(wanted.getLast()).orElseThrow().value());
            assertEquals(Map.of(), readAll(reader, List.of()));
        }
    }

    @Test
    void tellsWhatIsGone() throws Exception {
        var kafka = new Kafka(TestKafka.shared().bootstrap(), "test");
        var written = written(kafka, "read-gone", 1, 20);
        try (var admin = kafka.admin(); var reader = new RecordReader(kafka)) {
            admin.deleteRecords(Map.of(new TopicPartition("read-gone", 0), RecordsToDelete.beforeOffset(10))).all().get();
            var read = readAll(reader, written.keySet());
            assertEquals(20, read.size());
            read.forEach((position, value) -> assertEquals(position.offset() >= 10, value.isPresent(), position::toString));
            assertEquals(Optional.empty(), reader.read(new RecordPosition("read-gone", 0, 9)));
            assertEquals(Optional.empty(), reader.read(new RecordPosition("read-gone", 0, 20)));
        }
    }

    @Test
    void readsOnWhereSomePositionsCannotBe() throws Exception {
        var kafka = new Kafka(TestKafka.shared().bootstrap(), "test");
        var written = written(kafka, "read-beside", 1, 5);
        var impossible = List.of(new RecordPosition("read-beside", 7, 0), new RecordPosition("read-nowhere", 0, 0), new RecordPosition("read-beside", -1, 0),
                new RecordPosition("read-beside", 0, -1), new RecordPosition("", 0, 0), new RecordPosition("a topic", 0, 0));
        var wanted = new ArrayList<>(impossible);
        wanted.addAll(written.keySet());
        try (var reader = new RecordReader(kafka)) {
            var read = readAll(reader, wanted);
            impossible.forEach(position -> assertEquals(Optional.empty(), read.get(position), position::toString));
            written.forEach((position, value) -> assertEquals(Optional.of(value), read.get(position)));
            assertEquals(impossible.size(), readAll(reader, impossible).size());
        }
    }

    @Test
    void saysThatKafkaIsAway() throws Exception {
        try (var broker = TestKafka.own()) {
            var kafka = new Kafka(broker.bootstrap(), "test");
            var written = written(kafka, "read-away", 1, 5);
            try (var reader = new RecordReader(kafka)) {
                assertEquals(5, readAll(reader, written.keySet()).size());
                broker.stop();
                assertThrows(UnavailableException.class, () -> readAll(reader, written.keySet()));
                broker.start();
                assertEquals(5, readAll(reader, written.keySet()).size());
            }
        }
    }

    private static Map<RecordPosition, Optional<String>> readAll(RecordReader reader, Iterable<RecordPosition> wanted) {
        var positions = new ArrayList<RecordPosition>();
        wanted.forEach(positions::add);
        var read = new HashMap<RecordPosition, Optional<String>>();
        reader.readAll(positions, (position, record) -> read.put(position, record.map(found -> new String(found.value(), StandardCharsets.UTF_8))));
        return read;
    }

    /** The values by where they stand. */
    private static Map<RecordPosition, String> written(Kafka kafka, String topic, int partitions, int count) throws Exception {
        var written = new HashMap<RecordPosition, String>();
        try (var admin = kafka.admin(); var producer = kafka.producer(Duration.ofSeconds(30), Duration.ofSeconds(30), 32 << 20)) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
            var sent = new ArrayList<Map.Entry<String, Future<RecordMetadata>>>();
            for (var i = 0; i < count; i++) {
                var value = "value " + i;
                sent.add(Map.entry(value, producer.send(new ProducerRecord<>(topic, i % partitions, null, value.getBytes(StandardCharsets.UTF_8)))));
            }
            for (var each : sent) {
                var metadata = each.getValue().get();
                written.put(new RecordPosition(topic, metadata.partition(), metadata.offset()), each.getKey());
            }
        }
        return written;
    }
}
