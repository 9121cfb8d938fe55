package io.aerodb.functions.system.fault;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes records that our services would not write. */
final class Records implements AutoCloseable {

    private static final String SEAL = "aerofn_seal";

    private final Producer<byte[], byte[]> producer;

    Records(String bootstrap) {
        producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Returns when the broker has it. */
    void send(ProducerRecord<byte[], byte[]> record) throws InterruptedException, ExecutionException {
        producer.send(record).get();
    }

    /** A copy for a partition, with another value of a header, under the old seal. */
    static ProducerRecord<byte[], byte[]> changed(ConsumerRecord<byte[], byte[]> record, int partition, String header, String value) {
        var copy = new ProducerRecord<>(record.topic(), partition, record.key(), record.value(), record.headers());
        return changed(copy, header, value);
    }

    /** The same with another value of a header, or one more header. */
    static ProducerRecord<byte[], byte[]> changed(ProducerRecord<byte[], byte[]> record, String header, String value) {
        record.headers().remove(header).add(header, value.getBytes(StandardCharsets.UTF_8));
        return record;
    }

    /** Sealed anew, as docs/architecture.md says. */
    static ProducerRecord<byte[], byte[]> sealed(ProducerRecord<byte[], byte[]> request) {
        var attributes = new TreeMap<String, byte[]>();
        request.headers().forEach(header -> {
            if (header.key().startsWith("ce_") || header.key().equals("content-type")) {
                attributes.put(header.key(), header.value());
            }
        });
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(ProcessPlatform.RECORD_KEY), "HmacSHA256"));
            attributes.forEach((name, value) -> {
                update(mac, name.getBytes(StandardCharsets.UTF_8));
                update(mac, value);
            });
            update(mac, request.value());
            var seal = ProcessPlatform.RECORD_KEY_ID + ":" + Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal());
            return changed(request, SEAL, seal);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    private static void update(Mac mac, byte[] part) {
        mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
        mac.update(part);
    }

    @Override
    public void close() {
        producer.close();
    }
}
