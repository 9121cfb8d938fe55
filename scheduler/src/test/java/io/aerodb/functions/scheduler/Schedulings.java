package io.aerodb.functions.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.scheduler.schedule.ScheduleFires;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Functions with schedules on a stage, and what was fired of them. */
final class Schedulings {

    /** Schedules that are taken at once. */
    static final int BATCH = 50;

    private final Stage stage;
    final MeterRegistry metrics = new SimpleMeterRegistry();

    Schedulings(Stage stage) {
        this.stage = stage;
    }

    /** What happens instead of sending a record. */
    interface Sending {
        Future<?> send(ProducerRecord<byte[], byte[]> record) throws Exception;
    }

    ScheduleFires scheduler(Clock clock) {
        return scheduler(clock, stage.producer);
    }

    ScheduleFires scheduler(Clock clock, Producer<byte[], byte[]> producer) {
        return new ScheduleFires("scheduler-test", stage.database, stage.codec, producer, () -> true, BATCH, metrics, clock);
    }

    /** @param sending instead of fires */
    Producer<byte[], byte[]> producer(Sending sending) {
        return producer(Topics.EVENTS, sending);
    }

    /** @param sending instead of records on one topic */
    Producer<byte[], byte[]> producer(String topic, Sending sending) {
        return producer(stage.producer, topic, sending);
    }

    /** @param others sends all other records */
    @SuppressWarnings("unchecked")
    static Producer<byte[], byte[]> producer(Producer<byte[], byte[]> others, String topic, Sending sending) {
        return (Producer<byte[], byte[]>) Proxy.newProxyInstance(Schedulings.class.getClassLoader(), new Class<?>[] {Producer.class}, (_, method, arguments) -> {
            try {
                return method.getName().equals("send") && arguments[0] instanceof ProducerRecord<?, ?> record && record.topic().equals(topic)
                        ? sending.send((ProducerRecord<byte[], byte[]>) record)
                        : method.invoke(others, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    /** A function whose one schedule has fired up to this time. @param members of the schedule, as JSON */
    VersionRef deployed(String name, String members, Instant settledUntil) {
        return deployed(name, members, settledUntil, "");
    }

    /** @param more of the function's configuration, as JSON with a comma before each member */
    VersionRef deployed(String name, String members, Instant settledUntil, String more) {
        var function = stage.deployed(name, (byte) name.hashCode(), FunctionConfigJson.parse("{\"triggers\": [{\"type\": \"schedule\", " + members + "}]" + more + "}"));
        settle(function, settledUntil);
        return function;
    }

    static FunctionConfig config(String members) {
        return FunctionConfigJson.parse("{\"triggers\": [{\"type\": \"schedule\", " + members + "}]}");
    }

    /** PostgreSQL's clock, by which a deployment has one looked at, is not that of the test. */
    void lookAtAll(Instant at) {
        stage.execute("UPDATE aerodb.schedules SET due_at = '" + at + "'");
    }

    void settle(VersionRef function, Instant until) {
        stage.execute("UPDATE aerodb.schedules SET settled_until = '%s', due_at = '%s' WHERE trigger_id IN (%s)"
                .formatted(until, until, triggersOf(function)));
    }

    Instant settledUntil(VersionRef function) {
        return Instant.parse(stage.text("SELECT to_char(settled_until AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM aerodb.schedules WHERE trigger_id IN ("
                + triggersOf(function) + ")"));
    }

    private static String triggersOf(VersionRef function) {
        return "SELECT id FROM aerodb.function_triggers WHERE function_id = '" + function.functionId() + "'";
    }

    /** Takes steps until nothing is due any more. */
    static void fireAll(ScheduleFires scheduler) {
        Duration pause;
        do {
            pause = Stage.take(scheduler::fire);
        } while (pause.isZero());
    }

    record Fire(UUID invocation, String function, Instant scheduledFor, ConsumerRecord<byte[], byte[]> record, InvocationRequest request) {}

    /** What stands on the events lane, in the order of fire times. */
    List<Fire> fires() {
        return stage.records(Topics.EVENTS).stream().map(this::fire).sorted(Comparator.comparing(Fire::scheduledFor)).toList();
    }

    List<Instant> fireTimes(VersionRef function) {
        return fires().stream().filter(fire -> fire.function().equals(function.name().value())).map(Fire::scheduledFor).toList();
    }

    private Fire fire(ConsumerRecord<byte[], byte[]> record) {
        var request = stage.decoded(record);
        return new Fire(request.id().value(), request.function().name().value(), Instant.parse(payload(request).get("scheduled_for").textValue()), record, request);
    }

    static JsonNode payload(InvocationRequest request) {
        try {
            return new JsonMapper().readTree(request.payload());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
