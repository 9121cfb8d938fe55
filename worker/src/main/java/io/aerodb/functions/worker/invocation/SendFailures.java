package io.aerodb.functions.worker.invocation;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;

/** What Kafka did not take: how long to wait before the next try, and a warning now and then instead of one for each record. Thread-safe. */
final class SendFailures {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Logger log;
    private final Summary summary = new Summary();

    SendFailures(Logger log) {
        this.log = log;
    }

    /**
     * Doubles from 0.1 s to 5 s, less up to a half, so that not everything comes back at once.
     *
     * @param failures of this record so far, from 1
     */
    static Duration pause(int failures) {
        var longest = Math.min(FIRST_PAUSE.toMillis() << Math.min(failures - 1, 10), LONGEST_PAUSE.toMillis());
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
    }

    void willRetry(String topic, Throwable failure) {
        warn("Kafka did not take {} records, will send them again: {}", topic, failure);
    }

    void refused(String topic, Throwable failure) {
        warn("Kafka refuses {} records for good: {}", topic, failure);
    }

    private void warn(String message, String topic, Throwable failure) {
        summary.count().ifPresent(times -> log.atWarn().addKeyValue("topic", topic).log(message, times, failure.getMessage()));
    }
}
