package io.aerodb.functions.scheduler;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.scheduler.schedule.ScheduleFires;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/** A scheduler in a process of its own that stands still over its first fire, so that it can be killed there. Ends with who started it. */
final class DyingScheduler {

    private static final String DYING = "standing still";

    /** Where it stands still, with the schedule's row in its hands. */
    enum Moment {
        BEFORE_KAFKA_HAS_IT,
        AFTER_KAFKA_HAS_IT
    }

    private DyingScheduler() {}

    /** @param now what its clock shows */
    static Process start(Stage stage, Instant now, Moment moment) throws IOException {
        var classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"), "-cp", classPath, DyingScheduler.class.getName(),
                stage.kafka.bootstrap(), stage.target.jdbcUrl(), stage.target.user(), stage.target.password(), now.toString(), moment.name())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** @throws AssertionError if it ends first */
    static void awaitDying(Process process) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (var line = lines.readLine(); !DYING.equals(line); line = lines.readLine()) {
            if (line == null) {
                throw new AssertionError("it has ended with nothing to fire");
            }
        }
    }

    public static void main(String[] arguments) {
        var moment = Moment.valueOf(arguments[5]);
        try (var producer = new Kafka(arguments[0], "dying").spreadingProducer(Duration.ofMinutes(1), Duration.ofMinutes(1), 32 << 20);
                var database = new Database(new DatabaseSettings(arguments[1], arguments[2], new Secret(arguments[3]), 2), "dying", new SimpleMeterRegistry())) {
            var dying = Schedulings.producer(producer, Topics.EVENTS, record -> {
                if (moment == Moment.AFTER_KAFKA_HAS_IT) {
                    producer.send(record).get();
                }
                System.out.println(DYING);
                while (System.in.read() >= 0) {
                    // until nobody is there any more
                }
                Runtime.getRuntime().halt(1);
                throw new IllegalStateException("it has ended");
            });
            var clock = Clock.fixed(Instant.parse(arguments[4]), ZoneOffset.UTC);
            Stage.take(new ScheduleFires("dying", database, Stage.codec(), dying, () -> true, 50, new SimpleMeterRegistry(), clock)::fire);
        }
    }
}
