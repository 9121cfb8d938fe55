package io.aerodb.functions.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void deliversWhatWasProducedToAConsumerGroup() throws Exception {
        try (var kafka = started()) {
            createTopic(kafka, "greetings");
            produce(kafka, "greetings", "hello");
            assertEquals(List.of("hello"), consume(kafka, "greetings", 1));
        }
    }

    @Test
    void keepsItsAddressAndItsRecordsOverStopAndStart() throws Exception {
        try (var kafka = started()) {
            String address = kafka.bootstrap();
            createTopic(kafka, "greetings");
            produce(kafka, "greetings", "before");

            kafka.stop();
            assertTrue(FreePort.isFree(port(address)));
            kafka.start();

            assertEquals(address, kafka.bootstrap());
            produce(kafka, "greetings", "after");
            assertEquals(List.of("before", "after"), consume(kafka, "greetings", 2));
        }
    }

    @Test
    void anotherBrokerOnTheSameDirectoryFindsTheRecords() throws Exception {
        try (var first = started()) {
            createTopic(first, "greetings");
            produce(first, "greetings", "hello");
        }
        try (var second = started()) {
            assertEquals(List.of("hello"), consume(second, "greetings", 1));
        }
    }

    @Test
    void takesARecordOfEightMebibytes() throws Exception {
        byte[] value = new byte[8 * 1024 * 1024];
        try (var kafka = started()) {
            createTopic(kafka, "large");
            Map<String, Object> settings =
                    Map.of("bootstrap.servers", kafka.bootstrap(), "max.request.size", 16 * 1024 * 1024);
            try (var producer =
                    new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
                assertEquals(0, producer.send(new ProducerRecord<>("large", value)).get().offset());
            }
        }
    }

    @Test
    void startingAndStoppingTwiceIsHarmless() {
        var kafka = new EmbeddedKafka(directory, 0);
        kafka.stop();
        kafka.start();
        kafka.start();
        kafka.close();
        kafka.close();
        assertTrue(FreePort.isFree(port(kafka.bootstrap())));
    }

    @Test
    void saysThatItsPortIsTaken() throws Exception {
        try (var occupant = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
                var kafka = new EmbeddedKafka(directory, occupant.getLocalPort())) {
            var failure = assertThrows(EmbeddedServerException.class, kafka::start);
            assertTrue(failure.getMessage().contains("the port is taken"), failure.getMessage());
        }
    }

    @Test
    void refusesADirectoryThatAnotherBrokerUses() {
        try (var first = started();
                var second = new EmbeddedKafka(directory, 0)) {
            var failure = assertThrows(EmbeddedServerException.class, second::start);
            assertTrue(failure.getMessage().contains(directory.toString()), failure.getMessage());
            assertTrue(FreePort.isFree(port(second.bootstrap())));
            assertTrue(!FreePort.isFree(port(first.bootstrap())));
        }
    }

    @Test
    void startsAgainSoonAfterItsJvmWasKilled() throws Exception {
        try (var child = ChildJvm.run(HoldKafka.class, directory.toString())) {
            child.awaitLine("ready");
            child.kill();
        }
        try (var kafka = started()) {
            assertEquals(List.of("kept"), consume(kafka, "greetings", 1));
        }
    }

    /** Runs in a child JVM that the test kills. */
    static final class HoldKafka {
        public static void main(String[] arguments) throws Exception {
            var kafka = new EmbeddedKafka(Path.of(arguments[0]), 0);
            kafka.start();
            createTopic(kafka, "greetings");
            produce(kafka, "greetings", "kept");
            System.out.println("ready");
            Thread.currentThread().join();
        }
    }

    private EmbeddedKafka started() {
        var kafka = new EmbeddedKafka(directory, 0);
        kafka.start();
        return kafka;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1));
    }

    private static void createTopic(EmbeddedKafka kafka, String topic) throws Exception {
        try (var admin = Admin.create(Map.<String, Object>of("bootstrap.servers", kafka.bootstrap()))) {
            var settings = Map.of("max.message.bytes", "16777216");
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(settings))).all().get();
        }
    }

    private static void produce(EmbeddedKafka kafka, String topic, String value) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrap());
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get();
        }
    }

    private static List<String> consume(EmbeddedKafka kafka, String topic, int count) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", kafka.bootstrap(), "group.id", "readers", "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            var values = new ArrayList<String>();
            Awaitility.await().atMost(PATIENCE).pollDelay(Duration.ZERO).until(() -> {
                consumer.poll(Duration.ofMillis(20)).forEach(found -> values.add(new String(found.value())));
                return values.size() >= count;
            });
            return values;
        }
    }
}
