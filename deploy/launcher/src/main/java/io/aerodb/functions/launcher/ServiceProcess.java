package io.aerodb.functions.launcher;

import io.aerodb.functions.configuration.ConfigurationException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service in a JVM of its own. When it dies it is started again. It ends with this JVM, however that ends, because its standard input
 * is a pipe from here.
 */
final class ServiceProcess implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceProcess.class);
    private static final Duration RESTART_PAUSE = Duration.ofMillis(500);
    private static final Duration PROBE_INTERVAL = Duration.ofMillis(50);
    /** The exit status of a service whose settings are wrong, and how it begins the lines about them. */
    private static final int WRONG_SETTINGS = 2;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private final Service service;
    private final String name;
    private final Map<String, String> environment;
    private final int port;
    private final Path log;
    private final HttpClient http;
    private final Thread supervisor;
    private volatile Process process;
    private volatile boolean refused;
    private volatile boolean closed;

    /**
     * Starts it.
     *
     * @param name tells it from others of its kind
     * @param environment its settings; secrets are safe there, unlike in arguments
     * @param port of its health endpoint
     */
    ServiceProcess(Service service, String name, Map<String, String> environment, int port, Path log, HttpClient http) throws IOException {
        this.service = service;
        this.name = name;
        this.environment = Map.copyOf(environment);
        this.port = port;
        this.log = log;
        this.http = http;
        this.process = launch();
        supervisor = Thread.ofPlatform().name("supervise-" + name).daemon().start(this::superviseUntilClosed);
    }

    /**
     * @throws LauncherException if it is not ready within the patience
     * @throws ConfigurationException if it does not accept its settings
     */
    void awaitReady(Duration patience) throws InterruptedException {
        var end = System.nanoTime() + patience.toNanos();
        while (!isReady()) {
            if (refused) {
                throw new ConfigurationException(problems());
            }
            if (System.nanoTime() > end) {
                throw new LauncherException("the " + name + " was not ready after " + patience.toSeconds() + " s; its log is " + log);
            }
            Thread.sleep(PROBE_INTERVAL);
        }
    }

    /** As it is now. */
    RunningService running() {
        return new RunningService(name, process.pid(), url(), log);
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    private boolean isReady() throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(url().resolve("/health/ready")).timeout(Duration.ofSeconds(2)).build();
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // not listening yet
        }
    }

    /** The last lines of its log. */
    private List<String> problems() {
        var prefix = service.label() + ": ";
        try {
            var lines = Files.readAllLines(log).reversed();
            return lines.stream().takeWhile(line -> line.startsWith(prefix)).map(line -> line.substring(prefix.length())).toList().reversed();
        } catch (IOException e) {
            throw new LauncherException("the " + name + " does not accept its settings; its log is " + log, e);
        }
    }

    private void superviseUntilClosed() {
        try {
            while (!closed) {
                var status = process.waitFor();
                if (closed) {
                    return;
                }
                if (status == WRONG_SETTINGS) {
                    refused = true; // as it would be the next time
                    return;
                }
                LOG.atWarn().addKeyValue("service", name).addKeyValue("status", status).addKeyValue("log", log).log("a service died and is started again");
                Thread.sleep(RESTART_PAUSE);
                synchronized (this) {
                    if (!closed) {
                        process = launch();
                    }
                }
            }
        } catch (InterruptedException e) {
            // closed
        } catch (IOException e) {
            LOG.atError().addKeyValue("service", name).setCause(e).log("cannot start a service");
        }
    }

    private Process launch() throws IOException {
        var command = new ArrayList<>(List.of(
                // Ctrl-C reaches the whole terminal group; each service is stopped in its turn.
                "/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path")));
        command.addAll(service.options());
        command.addAll(Service.commonOptions());
        command.addAll(List.of(SupervisedService.class.getName(), service.main().getName()));
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("AEROFN_") && !name.startsWith("AEROFN_LOG_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    @Override
    public void close() throws InterruptedException {
        synchronized (this) {
            closed = true;
        }
        supervisor.interrupt();
        process.destroy(); // SIGTERM: it drains
        if (!process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
