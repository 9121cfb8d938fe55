package io.aerodb.functions.kafka;

import io.aerodb.functions.configuration.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes Kafka clients that all behave alike; whoever asks for one owns and closes it.
 *
 * @param bootstrap {@code host:port}, several separated by commas
 * @param clientId appears in the broker's logs and quotas
 * @param security how the way to the brokers is protected
 */
public record Kafka(String bootstrap, String clientId, KafkaSecurity security) {

    /** Once this much has gathered, nothing waits any longer. */
    private static final int GATHERED_BYTES = 1 << 20;
    /** What it takes to connect anew to a broker, and to learn where the partitions are. */
    private static final Duration RECONNECTION = Duration.ofSeconds(1);

    /** Brokers that are reached without TLS and ask for no name. */
    public Kafka(String bootstrap, String clientId) {
        this(bootstrap, clientId, KafkaSecurity.NONE);
    }

    public static Kafka read(Settings settings, String clientId) {
        return new Kafka(settings.requiredText("kafka.bootstrap", "Kafka brokers as host:port, several separated by commas"), clientId,
                KafkaSecurity.read(settings));
    }

    /**
     * A producer that loses nothing it acknowledged and gives up after {@code deliveryTimeout}.
     *
     * @param maxBlock how long a send may block on metadata or a full buffer; milliseconds on an event loop. With less than a second, the
     *     producer never forgets the brokers and topics it knew, and has to be made anew should all brokers move to other addresses at once
     * @param bufferBytes what may wait unsent before sends are refused
     */
    public Producer<byte[], byte[]> producer(Duration deliveryTimeout, Duration maxBlock, long bufferBytes) {
        return new KafkaProducer<>(producerProperties(deliveryTimeout, maxBlock, bufferBytes), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * The same, but each record without a key goes to the next partition. The default fills one partition with 16 KiB before it moves
     * on, and so gives the calls of a quiet minute all to one worker.
     *
     * <p>Only one batch of requests is on its way to a broker at a time. With more, one that is given up while its connection breaks makes
     * the client number the others anew, and a broker that has stored them already stores them twice. What comes meanwhile makes larger
     * batches, so this is no slower.
     */
    public Producer<byte[], byte[]> spreadingProducer(Duration deliveryTimeout, Duration maxBlock, long bufferBytes) {
        var properties = producerProperties(deliveryTimeout, maxBlock, bufferBytes);
        properties.put(ProducerConfig.PARTITIONER_CLASS_CONFIG, SpreadingPartitioner.class.getName());
        properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Properties producerProperties(Duration deliveryTimeout, Duration maxBlock, long bufferBytes) {
        var properties = common();
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(deliveryTimeout.toMillis()));
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(Math.min(deliveryTimeout.toMillis(), 5000)));
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, maxBlock.toMillis());
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, bufferBytes);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES);
        properties.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(7).toMillis());
        if (maxBlock.compareTo(RECONNECTION) < 0) {
            // by default a client whose last connection breaks forgets all topics, and sends block until it has learnt them again
            properties.put(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG, MetadataRecoveryStrategy.NONE.name);
        }
        return properties;
    }

    /**
     * A consumer that shares its topics with its group and commits only when told to. It speaks the classic group protocol: there
     * a member that died is missed after 6 s on any broker, with the newer one after the 45 s that brokers insist on by default.
     *
     * @param gathering how long records may wait for more to come along, so that fewer polls have more each; zero for none
     */
    public Consumer<byte[], byte[]> groupConsumer(String group, int maxPollRecords, Duration gathering) {
        return consumer(Map.of(
                ConsumerConfig.GROUP_ID_CONFIG, group,
                ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic",
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName(),
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6000,
                ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1500,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxPollRecords,
                ConsumerConfig.FETCH_MIN_BYTES_CONFIG, gathering.isZero() ? 1 : GATHERED_BYTES,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, gathering.isZero() ? ConsumerConfig.DEFAULT_FETCH_MAX_WAIT_MS : Math.toIntExact(gathering.toMillis())));
    }

    /** A consumer that reads partitions it assigns itself, from now on. */
    public Consumer<byte[], byte[]> tailingConsumer() {
        return unsharedConsumer("latest");
    }

    /** A consumer that reads partitions it assigns itself, from where it is pointed at; where records are gone, from the first that is left. */
    public Consumer<byte[], byte[]> rereadingConsumer() {
        return unsharedConsumer("earliest");
    }

    private Consumer<byte[], byte[]> unsharedConsumer(String offsetReset) {
        return consumer(Map.of(
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, offsetReset,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2000));
    }

    /**
     * A consumer that is pointed at records and says so when they are no longer there. Its fetches wait for nothing: one that did
     * would hold up the next one, which asks for something else.
     */
    Consumer<byte[], byte[]> readingConsumer() {
        return consumer(Map.of(
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5000,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, GATHERED_BYTES,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 500));
    }

    public Admin admin() {
        var properties = common();
        properties.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 5000);
        properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 3000);
        return Admin.create(properties);
    }

    private Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
        var properties = common();
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Topics.MAX_RECORD_BYTES);
        properties.putAll(settings);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private Properties common() {
        var properties = new Properties();
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        properties.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 50L);
        properties.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500L);
        properties.put(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, 50L);
        properties.put(CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG, 500L);
        properties.put(CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, 2000L);
        properties.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        properties.putAll(security.properties());
        return properties;
    }
}
