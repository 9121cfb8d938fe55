package io.aerodb.functions.system.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.awaitility.Awaitility;

/** One of our services as a JVM of its own, which can be hurt. It does not outlive this JVM, however that ends. */
final class ServiceProcess {

    private static final Duration READY = Duration.ofMinutes(3);
    private static final int TAIL_LINES = 40;
    private static final List<String> OPTIONS = List.of(
            "-Xmx640m", "-XX:+UseSerialGC", "-XX:-DontCompileHugeMethods", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String name;
    private final Process process;
    private final int port;
    private final Path log;

    private ServiceProcess(String name, Process process, int port, Path log) {
        this.name = name;
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /** What a service is started from: this build, or an older one. */
    record Build(String classPath) {

        static Build current() {
            return new Build(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        }

        /** @param checkout where its {@code ./aerofn} has been run, which builds it */
        static Build in(Path checkout) {
            var target = checkout.resolve("deploy/cli/target");
            assertTrue(Files.isDirectory(target.resolve("lib")), () -> checkout + " is not built; run ./aerofn --help there");
            return new Build(target.resolve("classes") + ":" + target.resolve("lib") + "/*:" + Path.of("target/test-classes").toAbsolutePath());
        }
    }

    /**
     * @param environment its settings; no other ones of ours reach it
     * @param port of its health and metrics
     */
    static ServiceProcess start(String name, Build build, String main, Map<String, String> environment, int port, Path log) {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(OPTIONS);
        command.addAll(List.of("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"), "-cp", build.classPath(), Supervised.class.getName(), main));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(variable -> variable.startsWith("AEROFN_") && !variable.startsWith("AEROFN_LOG_"));
        builder.environment().putAll(environment);
        try {
            return new ServiceProcess(name, builder.start(), port, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ServiceProcess awaitReady() {
        Awaitility.await(name + " is ready").atMost(READY).pollInterval(Duration.ofMillis(50)).until(() -> {
            assertTrue(process.isAlive(), () -> name + " has ended; its log ends with\n" + tail());
            return isReady();
        });
        return this;
    }

    /** Which service it is. */
    String name() {
        return name;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private boolean isReady() throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(url().resolve("/health/ready")).timeout(Duration.ofSeconds(2)).build();
            return HTTP.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // not listening yet
        }
    }

    /** SIGKILL; returns when it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGSTOP: it does nothing any more, and knows nothing of it. */
    void freeze() throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-STOP", String.valueOf(process.pid())).inheritIO().start();
        assertEquals(0, kill.waitFor());
    }

    /** SIGTERM. Not by the process itself, which would close its standard input as well. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** @return whether it has ended by itself within the patience */
    boolean awaitEnd(Duration patience) throws InterruptedException {
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Lets it end in peace, and sees to it that it has. */
    void stop() throws InterruptedException {
        terminate();
        if (!awaitEnd(Duration.ofSeconds(30))) {
            kill();
        }
    }

    /** How its log ends. */
    String tail() {
        try {
            var lines = Files.readAllLines(log);
            return name + ", " + log + ":\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return name + ": its log " + log + " cannot be read: " + e.getMessage();
        }
    }
}
