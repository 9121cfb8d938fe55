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
        return GatewaySettings.read(Settings.of("gateway", environment(Service.GATEWAY, port)));
    }

    /** @throws ConfigurationException with everything that is wrong */
    SchedulerSettings scheduler() {
        return SchedulerSettings.read(Settings.of("scheduler", environment(Service.SCHEDULER, 0)));
    }

    /** @throws ConfigurationException with everything that is wrong */
    BridgeSettings bridge() {
        return BridgeSettings.read(Settings.of("bridge", environment(Service.BRIDGE, 0)));
    }

    /** In the form of the environment of a process; the service checks it. @param port where it listens on the loopback interface */
    Map<String, String> environment(Service service, int port) {
        var all = new HashMap<>(DEFAULTS);
        all.putAll(given);
        all.putAll(madeFor(service, port));
        return all;
    }

    private void refuseWhatIsMade() {
        var refused = new TreeSet<String>();
        for (var service : Service.values()) {
            refused.addAll(madeFor(service, 0).keySet());
        }
        refused.retainAll(given.keySet());
        if (!refused.isEmpty()) {
            throw new ConfigurationException(refused.stream().map(name -> name + ": the local platform decides this itself; unset it").toList());
        }
    }

    private Map<String, String> madeFor(Service service, int port) {
        var prefix = "AEROFN_" + service.name() + "_";
        var settings = new HashMap<>(made);
        settings.put(prefix + "HOST", "127.0.0.1");
        settings.put(prefix + "PORT", String.valueOf(port));
        switch (service) {
            case GATEWAY -> settings.put("AEROFN_GATEWAY_JWT_SECRET", secrets.jwtSecret());
            case WORKER -> settings.putAll(guests.settings());
            case SCHEDULER, BRIDGE -> { }
        }
        return settings;
    }
}
