package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.triggerbridge.capture.Handled;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Changes that follow each other in the log, until Kafka has all that follows from them. Thread-safe. */
final class Section implements Handled, Callback {

    private final AtomicInteger holds = new AtomicInteger(1);
    private volatile @Nullable Exception failure;
    private volatile boolean crossed;
    private volatile boolean settled;

    /** Something follows from it, and ends with a call of {@link #onCompletion}. A new section is held once, by whoever made it. */
    Section hold() {
        holds.incrementAndGet();
        return this;
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception error) {
        if (error != null) {
            failure = error;
        }
        holds.decrementAndGet();
    }

    /** Changes of it are told together with some that come later. */
    void cross() {
        crossed = true;
    }

    /** Nothing waits behind it to be told with what comes later. */
    void settle() {
        settled = true;
    }

    /** @throws KafkaException if Kafka has refused something */
    @Override
    public boolean isDurable() {
        var ended = holds.get() == 0; // looked at first: what fails says so before it lets go
        if (failure != null) {
            throw new KafkaException("Kafka refused a record", failure);
        }
        return ended;
    }

    @Override
    public boolean isBoundary() {
        return !crossed;
    }

    @Override
    public boolean isSettled() {
        return settled;
    }
}
