package io.aerodb.functions.launcher;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.embedded.EmbeddedKafka;
import io.aerodb.functions.embedded.EmbeddedPostgres;
import io.aerodb.functions.embedded.FreePort;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.worker.database.Finding;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The whole platform on one machine: a real Kafka broker in this JVM, a real PostgreSQL as its child, and the services, in this JVM or as
 * supervised children as the {@link Layout} says; all of them on free ports of the loopback interface.
 */
public final class LocalPlatform implements AutoCloseable {

    private static final Duration AUDIT_INTERVAL = Duration.ofSeconds(1);

    private final ShutdownSequence parts;
    private final Secrets secrets;
    private final ApplicationDatabase database;
    private final EmbeddedKafka kafka;
    private final LocalServices services;
    private final int gatewayPort;

    private LocalPlatform(
            ShutdownSequence parts, Secrets secrets, ApplicationDatabase database, EmbeddedKafka kafka, LocalServices services, int gatewayPort) {
        this.parts = parts;
        this.secrets = secrets;
        this.database = database;
        this.kafka = kafka;
        this.services = services;
        this.gatewayPort = gatewayPort;
    }

    /** Told how the start goes on, on the starting thread. */
    public interface Progress {

        /** A part has come up. */
        void started(String part, Duration took);

        /** Starts a part, and tells how long that took. */
        default <T extends @Nullable Object> T start(String part, Callable<T> starting) throws Exception {
            var startedAt = System.nanoTime();
            var started = starting.call();
            started(part, Duration.ofNanos(System.nanoTime() - startedAt));
            return started;
        }

        /**
         * The user has made something in the database through which functions could leave their caller's rights. The start goes on
         * when it is mended.
         *
         * @param connectionString for {@code psql}, as the database's owner
         */
        default void waitsUntilMended(List<Finding> findings, String connectionString) {}
    }

    /**
     * Starts everything and returns when functions can be deployed and called.
     *
     * @param directory is made if need be; what is in it is used again
     * @param port of the gateway, or 0 for the one of the last run or any free one
     * @param environment variables; those that are settings go to the services
     * @throws LauncherException with one line that says what is wrong
     * @throws ConfigurationException if the environment has a setting that is wrong, or that the platform makes itself
     */
    public static LocalPlatform start(Path directory, int port, Map<String, String> environment, Layout layout, Progress progress)
            throws InterruptedException {
        var parts = new ShutdownSequence();
        try {
            return start(parts, directory, port, environment, layout, progress);
        } catch (InterruptedException | LauncherException | ConfigurationException e) {
            parts.close();
            throw e;
        } catch (Exception e) {
            parts.close();
            throw new LauncherException("the platform could not be started: " + e.getMessage(), e);
        }
    }

    private static LocalPlatform start(
            ShutdownSequence parts, Path directory, int port, Map<String, String> environment, Layout layout, Progress progress) throws Exception {
        var data = parts.add("data-directory", DataDirectory.open(directory));
        var secrets = Secrets.loadOrCreate(data.secrets());

        var lastDatabasePort = RunningPlatform.lastDatabasePort(data.running());
        var postgres = parts.add("postgres", new EmbeddedPostgres(
                data.postgres(), FreePort.isFree(lastDatabasePort) ? lastDatabasePort : 0, secrets.superuserPassword()));
        var database = new ApplicationDatabase(postgres, secrets);
        var guests = new GuestAccess(database.url(), secrets);
        var kafka = parts.add("kafka", new EmbeddedKafka(data.kafka(), 0));
        var settings = new ServiceSettings(environment, kafka.bootstrap(), database.url(), secrets, guests);
        var services = new LocalServices(parts, data, settings, gatewayPort(data, port));
        // Both take their time and neither needs the other.
        var preparation = timedInBackground(() -> {
            postgres.start();
            database.prepare(guests);
            return null;
        });
        progress.start("Kafka", () -> {
            kafka.start();
            return null;
        });
        progress.started("PostgreSQL", join(preparation));
        awaitSafe(guests, database, progress);

        var platform = new LocalPlatform(parts, secrets, database, kafka, services, services.start(layout, progress));
        RunningPlatform.write(data.running(), platform.url(), database.url());
        return platform;
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + gatewayPort);
    }

    public DevelopmentTokens tokens() {
        return new DevelopmentTokens(secrets.jwtSecret());
    }

    /** {@code host:port} of the broker. */
    public String kafkaBootstrap() {
        return kafka.bootstrap();
    }

    /** The application's database as its owner, for {@code psql}: it contains a password. */
    public String connectionString() {
        return database.connectionString();
    }

    /**
     * Runs statements in the application's database as its owner, all or none.
     *
     * @throws LauncherException if one fails
     */
    public void execute(String sql) {
        try {
            database.execute(sql);
        } catch (SQLException e) {
            throw new LauncherException("the database refused a statement: " + e.getMessage(), e);
        }
    }

    /** The services that are processes of their own. */
    public List<RunningService> services() {
        return services.running();
    }

    /** Drains and stops everything: first the trigger bridge and the scheduler, then the gateway, which still needs its workers, then those, then what they stand on. */
    @Override
    public void close() {
        parts.close();
    }

    /** PostgreSQL runs meanwhile, so that the user can mend it there. */
    private static void awaitSafe(GuestAccess guests, ApplicationDatabase database, Progress progress) throws InterruptedException {
        List<Finding> told = List.of();
        for (var findings = guests.findings(); !findings.isEmpty(); findings = guests.findings()) {
            if (!findings.equals(told)) {
                progress.waitsUntilMended(findings, database.connectionString());
                told = findings;
            }
            Thread.sleep(AUDIT_INTERVAL);
        }
    }

    private static int gatewayPort(DataDirectory data, int wanted) {
        if (wanted != 0) {
            if (!FreePort.isFree(wanted)) {
                throw new LauncherException("port " + wanted + " is taken, or may not be used; choose another one with --port");
            }
            return wanted;
        }
        var last = RunningPlatform.lastPort(data.running());
        return FreePort.isFree(last) ? last : 0;
    }

    private static CompletableFuture<Duration> timedInBackground(Callable<?> work) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                var startedAt = System.nanoTime();
                work.call();
                return Duration.ofNanos(System.nanoTime() - startedAt);
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
    }

    private static Duration join(CompletableFuture<Duration> future) throws Exception {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
