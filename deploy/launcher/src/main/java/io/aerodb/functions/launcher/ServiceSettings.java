package io.aerodb.functions.launcher;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.gateway.GatewaySettings;
import io.aerodb.functions.scheduler.SchedulerSettings;
import io.aerodb.functions.triggerbridge.BridgeSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/** What the gateway, the scheduler, the trigger bridge and the worker are told: what this platform makes itself, and what the user's environment says of the rest. */
final class ServiceSettings {

    private static final Map<String, String> DEFAULTS = Map.of(
            "AEROFN_KAFKA_REQUEST_PARTITIONS", "4",
            "AEROFN_KAFKA_EVENT_PARTITIONS", "4",
            "AEROFN_KAFKA_REPLY_PARTITIONS", "1",
            "AEROFN_KAFKA_OUTCOME_PARTITIONS", "2");

    private final Map<String, String> given;
    private final Map<String, String> made;
    private final Secrets secrets;
    private final GuestAccess guests;

    /**
     * @param environment variables, of which those that are settings are passed on
     * @throws ConfigurationException if one of them is for the platform to make
     */
    ServiceSettings(Map<String, String> environment, String kafkaBootstrap, String databaseUrl, Secrets secrets, GuestAccess guests) {
        this.given = Settings.given(environment);
        this.secrets = secrets;
        this.guests = guests;
        this.made = Map.of(
                "AEROFN_KAFKA_BOOTSTRAP", kafkaBootstrap,
                "AEROFN_RECORD_KEYS", secrets.recordKeys(),
                "AEROFN_SECRETS_KEYS", secrets.secretsKeys(),
                "AEROFN_DATABASE_URL", databaseUrl,
                "AEROFN_DATABASE_USER", ApplicationDatabase.OWNER,
                "AEROFN_DATABASE_PASSWORD", secrets.databasePassword());
        refuseWhatIsMade();
    }

    /** @throws ConfigurationException with everything that is wrong */
    GatewaySettings gateway(int port) {
        return GatewaySettings.read(Settings.of("gateway", withGiven(madeForGateway(port))));
    }

    /** @throws ConfigurationException with everything that is wrong */
    SchedulerSettings scheduler() {
        return SchedulerSettings.read(Settings.of("scheduler", withGiven(madeForScheduler())));
    }

    /** @throws ConfigurationException with everything that is wrong */
    BridgeSettings bridge() {
        return BridgeSettings.read(Settings.of("bridge", withGiven(madeForBridge())));
    }

    /** In the form of a worker's environment; the worker checks it. */
    Map<String, String> worker(int port) {
        return withGiven(madeForWorker(port));
    }

    private void refuseWhatIsMade() {
        var refused = new TreeSet<>(madeForGateway(0).keySet());
        refused.addAll(madeForScheduler().keySet());
        refused.addAll(madeForBridge().keySet());
        refused.addAll(madeForWorker(0).keySet());
        refused.retainAll(given.keySet());
        if (!refused.isEmpty()) {
            throw new ConfigurationException(refused.stream().map(name -> name + ": the local platform decides this itself; unset it").toList());
        }
    }

    private Map<String, String> withGiven(Map<String, String> made) {
        var all = new HashMap<>(DEFAULTS);
        all.putAll(given);
        all.putAll(made);
        return all;
    }

    private Map<String, String> madeForGateway(int port) {
        var settings = new HashMap<>(made);
        settings.put("AEROFN_GATEWAY_HOST", "127.0.0.1");
        settings.put("AEROFN_GATEWAY_PORT", String.valueOf(port));
        settings.put("AEROFN_GATEWAY_JWT_SECRET", secrets.jwtSecret());
        return settings;
    }

    private Map<String, String> madeForScheduler() {
        var settings = new HashMap<>(made);
        settings.put("AEROFN_SCHEDULER_HOST", "127.0.0.1");
        settings.put("AEROFN_SCHEDULER_PORT", "0");
        return settings;
    }

    private Map<String, String> madeForBridge() {
        var settings = new HashMap<>(made);
        settings.put("AEROFN_BRIDGE_HOST", "127.0.0.1");
        settings.put("AEROFN_BRIDGE_PORT", "0");
        return settings;
    }

    private Map<String, String> madeForWorker(int port) {
        var settings = new HashMap<>(made);
        settings.putAll(guests.settings());
        settings.put("AEROFN_WORKER_HOST", "127.0.0.1");
        settings.put("AEROFN_WORKER_PORT", String.valueOf(port));
        settings.put("AEROFN_WORKER_SUPERVISED", "true");
        return settings;
    }
}
