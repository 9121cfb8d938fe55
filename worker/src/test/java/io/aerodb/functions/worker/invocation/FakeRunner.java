package io.aerodb.functions.worker.invocation;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Begins whatever it is given, and ends it when the test says so. */
final class FakeRunner implements LaneWork.Runner {

    /** Offsets, in the order in which they were begun; those of the second partition as negative numbers. */
    final List<Long> begun = new CopyOnWriteArrayList<>();
    private final Map<Long, Runnable> durable = new ConcurrentHashMap<>();
    private final Map<Long, Duration> held = new ConcurrentHashMap<>();

    @Override
    public Optional<Duration> run(ConsumerRecord<byte[], byte[]> record, Runnable whenDurable) {
        var name = record.partition() == 0 ? record.offset() : -record.offset();
        var answer = Optional.ofNullable(held.get(name));
        synchronized (begun) { // or a record ends that has not been noted as begun
            durable.put(name, whenDurable);
            begun.add(name);
        }
        return answer;
    }

    /** From now on the record is held for that long whenever it is handed in. */
    void hold(long offset, Duration pause) {
        held.put(offset, pause);
    }

    void holdNoMore(long offset) {
        held.remove(offset);
    }

    /** Makes the outcome of a record that was begun durable. */
    void end(long offset) {
        Runnable whenDurable;
        synchronized (begun) {
            whenDurable = durable.remove(offset);
        }
        whenDurable.run();
    }

    void endAll() {
        durable.keySet().forEach(this::end);
    }
}
