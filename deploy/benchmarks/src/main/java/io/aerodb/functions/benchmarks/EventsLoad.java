package io.aerodb.functions.benchmarks;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;

/** Puts requests on the events lane, as the services that react to rows and clocks do. */
final class EventsLoad implements AutoCloseable {

    /** Requests with the same key run one after another. */
    private static final int KEYS = 10_000;
    private static final Duration MAX_AGE = Duration.ofHours(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RequestCodec codec;
    private final Producer<byte[], byte[]> producer;

    /** @param recordKeys as the setting {@code record.keys} has them */
    EventsLoad(String bootstrap, String recordKeys) {
        codec = new RequestCodec(RecordKeys.read(Settings.of("benchmark", Map.of("AEROFN_RECORD_KEYS", recordKeys))), "/benchmark");
        producer = new Kafka(bootstrap, "benchmark-events").producer(PATIENCE, PATIENCE, 32 << 20);
    }

    /** Returns when all of them are on the log. */
    void send(DeployedVersion function, int requests) {
        var ref = new VersionRef(function.functionId(), new FunctionName(function.name()), function.version(), new ModuleHash(function.module()));
        for (var i = 0; i < requests; i++) {
            var now = Instant.now().truncatedTo(ChronoUnit.MICROS);
            var request = new InvocationRequest(InvocationId.at(now), TriggerType.DATABASE, ref, 1, now, now.plus(MAX_AGE), Identity.SERVICE,
                    null, null, null, LoadGenerator.PAYLOAD.getBytes(StandardCharsets.US_ASCII));
            producer.send(codec.encode(Topics.EVENTS, (function.name() + ':' + i % KEYS).getBytes(StandardCharsets.US_ASCII), request));
        }
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
    }
}
