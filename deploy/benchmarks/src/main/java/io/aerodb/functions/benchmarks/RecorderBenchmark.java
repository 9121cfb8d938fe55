package io.aerodb.functions.benchmarks;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Prints how many outcomes a second become rows, in batches as a busy recorder writes them, and what processor time that takes of this
 * thread and of PostgreSQL's process, if that runs on this machine. Kafka has no part in it.
 */
final class RecorderBenchmark {

    private static final int BATCH = 1000;
    private static final int BATCHES = 100;
    private static final int WARM_UP = 30;
    private static final int FUNCTIONS = 20;

    private RecorderBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        var target = TestPostgres.shared().newDatabase();
        try (var database = open(target, 2)) {
            database.migrate();
        }
        try (var database = open(target, 1)) {
            var log = new InvocationLog(database);
            var server = ProcessHandle.of(backend(database));
            report("outcomes alone", log, false, server);
            report("accepted first, then the outcome", log, true, server);
        }
    }

    private static Database open(TestDatabase target, int connections) {
        var settings = new DatabaseSettings(target.jdbcUrl(), target.user(), new Secret(target.password()), connections);
        return new Database(settings, "benchmark", new SimpleMeterRegistry());
    }

    private static void report(String what, InvocationLog log, boolean acceptedFirst, Optional<ProcessHandle> server) {
        measure(log, WARM_UP, acceptedFirst);
        var ours = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        var theirs = processorTime(server);
        var nanos = measure(log, BATCHES, acceptedFirst);
        var entries = (double) BATCH * BATCHES;
        System.out.printf("%-34s %8.0f entries/s, processor time of each: %5.1f µs here, %5.1f µs in PostgreSQL%n", what, entries / (nanos / 1e9),
                (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - ours) / 1e3 / entries,
                processorTime(server).minus(theirs).toNanos() / 1e3 / entries);
    }

    private static Duration processorTime(Optional<ProcessHandle> process) {
        return process.flatMap(handle -> handle.info().totalCpuDuration()).orElse(Duration.ZERO);
    }

    /** The pool has one connection, and so PostgreSQL one process for it. */
    private static long backend(Database database) {
        return database.run(connection -> {
            try (var statement = connection.createStatement(); var row = statement.executeQuery("SELECT pg_backend_pid()")) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /** Making the entries does not count as time passing. */
    private static long measure(InvocationLog log, int batches, boolean acceptedFirst) {
        var nanos = 0L;
        var earlier = new ArrayList<InvocationEntry>();
        for (var i = 0; i < batches; i++) {
            var batch = new ArrayList<InvocationEntry>();
            if (acceptedFirst && !earlier.isEmpty()) {
                earlier.forEach(entry -> batch.add(ended(entry.id(), entry.acceptedAt(), entry.function())));
                earlier.clear();
            } else {
                for (var j = 0; j < BATCH; j++) {
                    var now = Instant.now().truncatedTo(ChronoUnit.MICROS);
                    var function = "function-" + ThreadLocalRandom.current().nextInt(FUNCTIONS);
                    var ended = ended(InvocationId.at(now).value(), now, function);
                    batch.add(acceptedFirst ? accepted(ended) : ended);
                }
                if (acceptedFirst) {
                    earlier.addAll(batch);
                }
            }
            var start = System.nanoTime();
            log.append(batch);
            nanos += System.nanoTime() - start;
        }
        return nanos;
    }

    private static InvocationEntry accepted(InvocationEntry ended) {
        return new InvocationEntry(ended.id(), ended.functionId(), ended.function(), 1, "http", "accepted", null, null, "authenticated", null,
                "user-1", 1, ended.acceptedAt(), null, null, 0, 0, 0, List.of(), false, ended.request(), ended.lineage(), null, null, "gateway-1");
    }

    private static InvocationEntry ended(UUID id, Instant acceptedAt, String function) {
        return new InvocationEntry(id, new UUID(1, function.hashCode()), function, 1, "http", "succeeded", null, null, "authenticated",
                "authenticated", "user-1", 1, acceptedAt, acceptedAt.plusMillis(1), acceptedAt.plusMillis(3), 1234, 2345, 131_072,
                List.of(new LogLine(LogLine.Level.INFO, 1, "handled an order of three items")), false,
                new RecordPosition(Topics.INVOKE, 3, acceptedAt.toEpochMilli()), "worker-1");
    }
}
