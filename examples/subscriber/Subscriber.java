import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints the changes of a table from now on, each once: java Subscriber.java &lt;Kafka's host:port&gt; &lt;topic&gt; */
final class Subscriber {

    /** A change that is told again comes soon after; a program that must never act twice keeps the ids beside what it does. */
    private static final int REMEMBERED = 100_000;

    public static void main(String[] arguments) {
        if (arguments.length != 2) {
            System.err.println("usage: java Subscriber.java HOST:PORT functions.changes.SCHEMA.TABLE");
            System.exit(2);
        }
        var settings = new Properties();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("group.id", "subscriber-" + UUID.randomUUID()); // with a name that stays, it would go on where it was stopped
        settings.put("auto.offset.reset", "latest");
        settings.put("key.deserializer", StringDeserializer.class.getName());
        settings.put("value.deserializer", StringDeserializer.class.getName());
        var seen = new LinkedHashMap<String, Boolean>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                return size() > REMEMBERED;
            }
        };
        try (var consumer = new KafkaConsumer<String, String>(settings)) {
            consumer.subscribe(List.of(arguments[1]));
            while (true) {
                for (var change : consumer.poll(Duration.ofSeconds(1))) {
                    if (seen.put(id(change), true) == null) {
                        System.out.println(change.key() + " " + change.value());
                    }
                }
            }
        }
    }

    private static String id(ConsumerRecord<String, String> change) {
        var id = change.headers().lastHeader("ce_id");
        return id == null ? change.partition() + "/" + change.offset() : new String(id.value(), StandardCharsets.UTF_8);
    }
}
