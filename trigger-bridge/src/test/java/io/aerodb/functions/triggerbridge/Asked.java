package io.aerodb.functions.triggerbridge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.UnreadableRecordException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;

/** What stands on a lane. */
final class Asked implements AutoCloseable {

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(10_000).maxNumberLength(100_000).build()).build()).build();

    private final Consumer<byte[], byte[]> consumer;
    private final RequestCodec codec;
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    record Request(InvocationRequest request, ConsumerRecord<byte[], byte[]> record) {

        String function() {
            return request.function().name().value();
        }

        JsonNode payload() {
            try {
                return MAPPER.readTree(request.payload());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    Asked(Source source, String topic) {
        var settings = Settings.of("bridge", source.settings());
        codec = new RequestCodec(RecordKeys.read(settings), "/test");
        consumer = Kafka.read(settings, "test").groupConsumer("asked-" + System.nanoTime(), 1000, Duration.ZERO);
        consumer.subscribe(List.of(topic));
    }

    /** Waits for so many requests of a function. */
    List<Request> await(String function, int count) {
        Awaitility.await().alias(count + " requests of " + function).atMost(Duration.ofSeconds(180)).pollInSameThread().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5))
                .until(() -> poll(function).size() >= count);
        return of(function);
    }

    List<Request> of(String function) {
        return requests.stream().filter(each -> each.function().equals(function)).toList();
    }

    private List<Request> poll(String function) {
        for (var record : consumer.poll(Duration.ofMillis(50))) {
            try {
                requests.add(new Request(codec.decode(record), record));
            } catch (UnreadableRecordException e) {
                throw new AssertionError(e);
            }
        }
        return of(function);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
