package io.aerodb.functions.worker;

import io.aerodb.functions.compiler.CompilerSettings;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.secret.SecretsKeys;
import io.aerodb.functions.telemetry.TracingSettings;
import io.aerodb.functions.worker.database.GuestDatabaseSettings;
import io.aerodb.functions.worker.fetch.FetchSettings;
import io.aerodb.functions.worker.invocation.LaneSettings;
import io.aerodb.functions.worker.recorder.RetentionSettings;
import io.aerodb.functions.worker.wasm.SandboxEngine;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything a worker is told.
 *
 * @param port of health and metrics; 0 for any free one
 * @param lanes how much it runs at once
 * @param engine what runs the functions
 * @param memoryBudgetBytes memory of all running functions together, part of the JVM's heap unless the engine is wasmtime
 * @param moduleCacheBytes what the modules that are kept ready to run may take in this process
 * @param drainTimeout how long functions may still run when the worker is stopped
 * @param fetch what functions may send requests to, beyond what each is allowed
 * @param guestDatabase what functions query; empty if they have no database
 */
public record WorkerSettings(
        String host,
        int port,
        LaneSettings lanes,
        SandboxEngine engine,
        long memoryBudgetBytes,
        long moduleCacheBytes,
        Duration drainTimeout,
        CompilerSettings compiler,
        RetentionSettings retention,
        Kafka kafka,
        Topics topics,
        RecordKeys recordKeys,
        DatabaseSettings database,
        SecretsKeys secretsKeys,
        FetchSettings fetch,
        Optional<GuestDatabaseSettings> guestDatabase,
        TracingSettings tracing) {

    static final String ENGINE = "worker.engine";

    private static final long MIB = 1 << 20;

    /** @throws io.aerodb.functions.configuration.ConfigurationException with everything that is wrong */
    public static WorkerSettings read(Settings settings) {
        return read(settings, Runtime.getRuntime().maxMemory());
    }

    /**
     * @param heap bytes that the JVM has which is to run with them
     * @throws io.aerodb.functions.configuration.ConfigurationException with everything that is wrong
     */
    public static WorkerSettings read(Settings settings, long heap) {
        settings.passOver("source");
        var budget = settings.bytes("worker.memory-budget", 512 * MIB, 16 * MIB, 1L << 40,
                "Memory of all running functions together, with outputs and answers of 64 KiB and more; at most three quarters of the JVM's heap");
        if (budget > heap / 4 * 3) {
            settings.problem("worker.memory-budget", "is " + budget / MIB + "MiB, more than three quarters of the heap of "
                    + heap / MIB + "MiB: raise -Xmx or lower it");
        }
        var topics = Topics.read(settings);
        var read = new WorkerSettings(
                settings.text("worker.host", "0.0.0.0", "Address of health and metrics"),
                settings.integer("worker.port", 8081, 0, 65535, "Port of health and metrics; 0 for any free one"),
                LaneSettings.read(settings),
                settings.choice(ENGINE, SandboxEngine.ENDIVE, List.of(SandboxEngine.values()),
                        "What runs the functions; wasmtime only for modules that are trusted"),
                budget,
                settings.bytes("worker.module-cache", 256 * MIB, MIB, 1L << 40, "Memory for modules that are kept ready to run"),
                settings.duration("worker.drain-timeout", Duration.ofSeconds(20), Duration.ZERO, Duration.ofMinutes(20),
                        "How long functions may still run when the worker is stopped"),
                CompilerSettings.read(settings),
                RetentionSettings.read(settings, topics.longestDelay()),
                Kafka.read(settings, "aerofn-worker"),
                topics,
                RecordKeys.read(settings),
                DatabaseSettings.read(settings),
                SecretsKeys.read(settings),
                FetchSettings.read(settings),
                GuestDatabaseSettings.read(settings),
                TracingSettings.read(settings));
        settings.check();
        return read;
    }
}
