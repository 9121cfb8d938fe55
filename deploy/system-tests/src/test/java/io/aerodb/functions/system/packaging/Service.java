package io.aerodb.functions.system.packaging;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.gateway.GatewaySettings;
import io.aerodb.functions.scheduler.SchedulerSettings;
import io.aerodb.functions.triggerbridge.BridgeSettings;
import io.aerodb.functions.worker.WorkerSettings;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** A service as it is packaged, and how it takes its settings. */
enum Service {
    GATEWAY(8080), WORKER(8081), SCHEDULER(8082), BRIDGE(8083);

    private final int port;

    Service(int port) {
        this.port = port;
    }

    /** As images, components and containers are called. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the settings as the service does.
     *
     * @return how long it may take to stop
     * @throws io.aerodb.functions.configuration.ConfigurationException if it would not start with them
     */
    Duration read(Map<String, String> environment) {
        var settings = Settings.of(label(), environment);
        return switch (this) {
            case GATEWAY -> GatewaySettings.read(settings).drainTimeout();
            case WORKER -> WorkerSettings.read(settings, Long.MAX_VALUE).drainTimeout();
            case SCHEDULER -> {
                SchedulerSettings.read(settings);
                yield Duration.ZERO;
            }
            case BRIDGE -> {
                BridgeSettings.read(settings);
                yield Duration.ZERO;
            }
        };
    }

    /** Where it listens unless it is told otherwise. */
    int port() {
        return port;
    }
}
