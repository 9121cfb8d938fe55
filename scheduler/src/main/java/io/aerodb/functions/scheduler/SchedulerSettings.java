package io.aerodb.functions.scheduler;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.telemetry.TracingSettings;
import java.time.Duration;

/**
 * Everything a scheduler is told.
 *
 * @param port of health and metrics; 0 for any free one
 * @param batch due invocations, or schedules, that are put on the events lane at once
 * @param maxLag how far behind a scheduler may be and still be ready
 */
public record SchedulerSettings(
        String host, int port, int batch, Duration maxLag, Kafka kafka, Topics topics, RecordKeys recordKeys, DatabaseSettings database,
        TracingSettings tracing) {

    /** @throws io.aerodb.functions.configuration.ConfigurationException with everything that is wrong */
    public static SchedulerSettings read(Settings settings) {
        settings.passOver("compiler", "secrets", "source");
        var read = new SchedulerSettings(
                settings.text("scheduler.host", "0.0.0.0", "Address of health and metrics"),
                settings.integer("scheduler.port", 8082, 0, 65535, "Port of health and metrics; 0 for any free one"),
                settings.integer("scheduler.batch", 500, 1, 10_000, "Due invocations, or schedules, that are put on the events lane at once"),
                settings.duration("scheduler.max-lag", Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofDays(1),
                        "How long the oldest due invocation or fire of a schedule may have been waiting before the scheduler says that it is not ready"),
                Kafka.read(settings, "aerofn-scheduler"),
                Topics.read(settings),
                RecordKeys.read(settings),
                DatabaseSettings.read(settings),
                TracingSettings.read(settings));
        settings.check();
        return read;
    }
}
