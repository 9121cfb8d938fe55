package io.aerodb.functions.launcher;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.embedded.FreePort;
import io.aerodb.functions.gateway.Gateway;
import io.aerodb.functions.gateway.GatewaySettings;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.scheduler.Scheduler;
import io.aerodb.functions.scheduler.SchedulerSettings;
import io.aerodb.functions.triggerbridge.BridgeSettings;
import io.aerodb.functions.triggerbridge.TriggerBridge;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Starts the services of a local platform, in this JVM or as processes. They are closed in the opposite order, with the other parts. */
final class LocalServices {

    private static final Duration READY_PATIENCE = Duration.ofMinutes(3);

    private final ShutdownSequence parts;
    private final DataDirectory data;
    private final ServiceSettings settings;
    private final GatewaySettings gateway;
    private final SchedulerSettings scheduler;
    private final BridgeSettings bridge;
    private final List<ServiceProcess> processes = new ArrayList<>();

    /**
     * @param gatewayPort 0 for any free one
     * @throws ConfigurationException if the settings of a service are wrong; a worker says so only when it starts
     */
    LocalServices(ShutdownSequence parts, DataDirectory data, ServiceSettings settings, int gatewayPort) {
        this.parts = parts;
        this.data = data;
        this.settings = settings;
        gateway = settings.gateway(gatewayPort);
        scheduler = settings.scheduler();
        bridge = settings.bridge();
    }

    /**
     * Returns when all of them are ready.
     *
     * @return the gateway's port
     * @throws ConfigurationException if one that is a process does not accept its settings
     */
    int start(Layout layout, LocalPlatform.Progress progress) throws Exception {
        return switch (layout) {
            case TOGETHER -> startTogether(progress);
            case PROCESSES -> startProcesses(progress);
        };
    }

    /** Those that are processes. */
    List<RunningService> running() {
        return processes.stream().map(ServiceProcess::running).toList();
    }

    private int startTogether(LocalPlatform.Progress progress) throws Exception {
        var http = parts.add("probe", HttpClient.newHttpClient());
        var worker = launch(Service.WORKER, "worker", FreePort.find(), http);
        var port = progress.start("gateway", () -> parts.add("gateway", Gateway.start(gateway))).port();
        progress.start("scheduler", () -> parts.add("scheduler", Scheduler.start(scheduler)));
        progress.start("trigger bridge", () -> parts.add("bridge", TriggerBridge.start(bridge)));
        progress.start("worker", () -> {
            worker.awaitReady(READY_PATIENCE);
            return null;
        });
        return port;
    }

    private int startProcesses(LocalPlatform.Progress progress) throws Exception {
        var http = parts.add("probe", HttpClient.newHttpClient());
        var port = gateway.port() == 0 ? FreePort.find() : gateway.port();
        launch(Service.WORKER, "worker-1", FreePort.find(), http);
        launch(Service.WORKER, "worker-2", FreePort.find(), http);
        launch(Service.GATEWAY, "gateway", port, http);
        launch(Service.SCHEDULER, "scheduler", FreePort.find(), http);
        launch(Service.BRIDGE, "bridge-1", FreePort.find(), http);
        launch(Service.BRIDGE, "bridge-2", FreePort.find(), http);
        var startedAt = System.nanoTime();
        for (var process : processes) {
            process.awaitReady(READY_PATIENCE);
            progress.started(process.running().name(), Duration.ofNanos(System.nanoTime() - startedAt));
        }
        return port;
    }

    private ServiceProcess launch(Service service, String name, int port, HttpClient http) throws IOException {
        var process = parts.add(name, new ServiceProcess(service, name, settings.environment(service, port), port, data.log(name), http));
        processes.add(process);
        return process;
    }
}
