package io.aerodb.functions.gateway;

import io.aerodb.functions.compiler.CompilerSettings;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.gateway.identity.TokenSettings;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.secret.SecretsKeys;
import io.aerodb.functions.source.SourceSettings;
import io.aerodb.functions.telemetry.TracingSettings;
import java.time.Duration;

/**
 * Everything a gateway is told.
 *
 * @param port 0 for any free one
 * @param maxPayloadBytes of one invocation
 * @param queueTimeout how long an invocation may wait for a worker, on top of its function's timeout
 * @param maxInFlight invocations this gateway waits for at once; more are refused
 * @param maxInFlightPerCaller of these, those of one caller
 * @param maxInFlightBytes of the payloads of these, and of those that are being read
 * @param source the application's database, with the tables whose changes run functions
 * @param maxFollowers streams of events at once; more are refused
 * @param maxFollowersPerCaller of these, those of one caller
 * @param maxConnections open at once; more are refused
 * @param idleTimeout how long a connection may be without a request
 * @param bodyTimeout how long the body of a request may take
 * @param drainTimeout how long calls in flight may still take when the gateway is stopped
 */
public record GatewaySettings(
        String host,
        int port,
        long maxPayloadBytes,
        Duration queueTimeout,
        int maxInFlight,
        int maxInFlightPerCaller,
        long maxInFlightBytes,
        int maxFollowers,
        int maxFollowersPerCaller,
        int maxConnections,
        Duration idleTimeout,
        Duration bodyTimeout,
        Duration drainTimeout,
        TokenSettings tokens,
        CompilerSettings compiler,
        Kafka kafka,
        Topics topics,
        RecordKeys recordKeys,
        DatabaseSettings database,
        DatabaseSettings source,
        SecretsKeys secretsKeys,
        TracingSettings tracing) {

    /** @throws io.aerodb.functions.configuration.ConfigurationException with everything that is wrong */
    public static GatewaySettings read(Settings settings) {
        var database = DatabaseSettings.read(settings);
        var read = new GatewaySettings(
                settings.text("gateway.host", "0.0.0.0", "Address to listen on"),
                settings.integer("gateway.port", 8080, 0, 65535, "Port to listen on; 0 for any free one"),
                settings.bytes("gateway.max-payload", 1 << 20, 1 << 10, 6 << 20, "Largest payload of an invocation"),
                settings.duration("gateway.queue-timeout", Duration.ofSeconds(5), Duration.ofMillis(100), Duration.ofMinutes(5),
                        "How long an invocation may wait for a worker, on top of its function's timeout"),
                settings.integer("gateway.max-in-flight", 4096, 1, 1_000_000, "Invocations this gateway waits for at once; more get 429"),
                settings.integer("gateway.max-in-flight-per-caller", 1024, 1, 1_000_000,
                        "Of these, those of one subject, or of one network where callers name none; service_role is not bounded by it"),
                settings.bytes("gateway.max-in-flight-bytes", 256 << 20, 8 << 20, 1L << 40,
                        "Payloads this gateway holds at once; more get 429; a quarter as much again is for webhooks until their signature is checked"),
                settings.integer("gateway.max-followers", 256, 1, 100_000, "Live streams of logs on this gateway at once; more get 429"),
                settings.integer("gateway.max-followers-per-caller", 32, 1, 100_000,
                        "Of these, those of one subject, or of one address where tokens name none"),
                settings.integer("gateway.max-connections", 16_384, 1, 1_000_000, "Connections open at once; more are answered with 503 and closed"),
                settings.duration("gateway.idle-timeout", Duration.ofMinutes(1), Duration.ofMillis(100), Duration.ofHours(1),
                        "How long a connection may be without a request; until then the first line and all headers must have come"),
                settings.duration("gateway.body-timeout", Duration.ofMinutes(1), Duration.ofMillis(100), Duration.ofHours(1),
                        "How long the body of a request may take; a slower one gets 408"),
                settings.duration("gateway.drain-timeout", Duration.ofSeconds(20), Duration.ZERO, Duration.ofMinutes(20),
                        "How long calls in flight may still take when the gateway is stopped"),
                TokenSettings.read(settings),
                CompilerSettings.read(settings),
                Kafka.read(settings, "aerofn-gateway"),
                Topics.read(settings),
                RecordKeys.read(settings),
                database,
                SourceSettings.read(settings, database),
                SecretsKeys.read(settings),
                TracingSettings.read(settings));
        settings.check();
        return read;
    }
}
