package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.source.SourceSettings;
import io.aerodb.functions.telemetry.TracingSettings;
import io.aerodb.functions.triggerbridge.capture.SourceAddress;
import io.aerodb.functions.triggerbridge.realtime.RealtimeTables;

/**
 * Everything a trigger bridge is told.
 *
 * @param port of health and metrics; 0 for any free one
 * @param rowRate how often one row may run one function within a minute, where nothing says what caused its changes
 * @param tableRate how many transactions within a minute may run one function by changes of one table, where nothing says what caused them
 * @param realtime whose changes are published
 * @param maxLagBytes how much of the log may wait to be read while the bridge is ready
 * @param database the services' own
 * @param source the application's
 */
public record BridgeSettings(String host, int port, int rowRate, int tableRate, RealtimeTables realtime, long maxLagBytes, Kafka kafka, Topics topics, RecordKeys recordKeys,
        DatabaseSettings database, DatabaseSettings source, TracingSettings tracing) {

    /** @throws io.aerodb.functions.configuration.ConfigurationException with everything that is wrong */
    public static BridgeSettings read(Settings settings) {
        settings.passOver("compiler", "secrets");
        var host = settings.text("bridge.host", "0.0.0.0", "Address of health and metrics");
        var port = settings.integer("bridge.port", 8083, 0, 65535, "Port of health and metrics; 0 for any free one");
        var rowRate = settings.integer("bridge.row-rate", 600, 1, 1_000_000,
                "How often one row may run one function within a minute, where nothing says what caused its changes; more go to the dead letters");
        var tableRate = settings.integer("bridge.table-rate", 300_000, 1, 100_000_000,
                "How many transactions within a minute may run one function by changes of one table, where nothing says what caused them; what more of them ask for goes to the dead letters");
        var realtime = RealtimeTables.read(settings);
        var maxLag = settings.bytes("bridge.max-lag", 256L << 20, 1L << 20, 1L << 40,
                "How much of the log of PostgreSQL may wait to be read before the trigger bridge says that it is not ready");
        var database = DatabaseSettings.read(settings);
        var source = SourceSettings.read(settings, database);
        var read = new BridgeSettings(host, port, rowRate, tableRate, realtime, maxLag, Kafka.read(settings, "aerofn-bridge"), Topics.read(settings),
                RecordKeys.read(settings), database, source, TracingSettings.read(settings));
        checkAddress(settings, source.url());
        settings.check();
        return read;
    }

    private static void checkAddress(Settings settings, String url) {
        if (url.startsWith("jdbc:postgresql:")) { // what does not is told already
            try {
                SourceAddress.parse(url);
            } catch (IllegalArgumentException e) {
                settings.problem("source.url", e.getMessage());
            }
        }
    }
}
