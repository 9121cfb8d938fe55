package io.aerodb.functions.gateway;

import io.aerodb.functions.compiler.Artefacts;
import io.aerodb.functions.compiler.ModuleCompiler;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.InstanceLease;
import io.aerodb.functions.function.ArtefactStore;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.FunctionVersions;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.function.SecretRotation;
import io.aerodb.functions.function.SecretStore;
import io.aerodb.functions.gateway.follow.FollowHandler;
import io.aerodb.functions.gateway.follow.Followers;
import io.aerodb.functions.gateway.backfill.BackfillsHandler;
import io.aerodb.functions.gateway.function.ConfigHandler;
import io.aerodb.functions.gateway.function.DeployHandler;
import io.aerodb.functions.gateway.function.FunctionChanges;
import io.aerodb.functions.gateway.function.FunctionsHandler;
import io.aerodb.functions.gateway.function.Propagation;
import io.aerodb.functions.gateway.function.SecretsHandler;
import io.aerodb.functions.gateway.function.TableTriggers;
import io.aerodb.functions.gateway.function.VersionsHandler;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Compression;
import io.aerodb.functions.gateway.http.Connections;
import io.aerodb.functions.gateway.http.HealthHandler;
import io.aerodb.functions.gateway.http.HttpApi;
import io.aerodb.functions.gateway.http.RequestMetrics;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.identity.TokenVerifier;
import io.aerodb.functions.gateway.invocation.Invocations;
import io.aerodb.functions.gateway.module.ModuleCompilation;
import io.aerodb.functions.gateway.module.ModuleIntake;
import io.aerodb.functions.gateway.openapi.ApiDocument;
import io.aerodb.functions.gateway.openapi.DocumentHandler;
import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.gateway.webhook.Webhooks;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.kafka.KafkaMonitor;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.Health;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.metrics.Metrics;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.telemetry.Tracing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running gateway. It holds no state of its own, so any number may run side by side. */
public final class Gateway implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    /** A connection on which nothing moves for longer waits for no answer of ours. */
    private static final Duration LONGEST_CALL = Limits.MAX_TIMEOUT.plusMinutes(6);

    /** Requests of the functions' owner that wait for a thread to ask the database. */
    private static final int MAX_WAITING = 1000;

    /** Room for the largest token that is accepted. */
    private static final int MAX_HEADER_BYTES = 32 * 1024;
    /** Requests at once on one connection of HTTP/2. */
    private static final int MAX_STREAMS = 100;

    private final ShutdownSequence parts;
    private final int port;

    private Gateway(ShutdownSequence parts, int port) {
        this.parts = parts;
        this.port = port;
    }

    /**
     * Builds every part by hand and starts it; waits for Kafka and PostgreSQL as long as it takes.
     *
     * @throws InterruptedException if it is to be stopped meanwhile
     */
    public static Gateway start(GatewaySettings settings) throws Exception {
        var parts = new ShutdownSequence();
        try {
            var instance = UUID.randomUUID().toString().substring(0, 8);
            var clock = Clock.systemUTC();
            var metrics = parts.add("metrics", new Metrics("gateway"));
            var tracing = parts.add("tracing", Tracing.of(settings.tracing(), "gateway", "gateway-" + instance));

            var database = parts.add("database", new Database(settings.database(), "aerofn-gateway", metrics.registry()));
            database.migrate();
            var lease = parts.add("lease", InstanceLease.ofGateway(database, "gateway-" + instance));
            lease.bindTo(metrics.registry());
            lease.start();
            var cipher = new SecretsCipher(settings.secretsKeys());
            new SecretRotation(database, cipher).run();
            var store = new FunctionStore(database, cipher);
            var registry = parts.add("registry", new FunctionRegistry(database, store));
            registry.start();
            var compiler = parts.add("compiler", new ModuleCompiler(settings.compiler(), new Artefacts(settings.recordKeys()), metrics.registry()));
            compiler.prepare();

            var partitions = TopicProvisioning.ensure(settings.kafka(), settings.topics());
            var kafka = parts.add("kafka-monitor", new KafkaMonitor(settings.kafka()));

            var refused = Counter.builder("gateway.connections.refused").description("Connections that were too many").register(metrics.registry());
            var connections = new Connections(settings.maxConnections(), settings.idleTimeout(), settings.bodyTimeout(), refused::increment);
            Gauge.builder("gateway.connections", connections, Connections::open).description("Connections that are open").register(metrics.registry());
            var vertx = connections.vertx();
            parts.add("vertx", () -> await(vertx.close()));
            var authenticator = new Authenticator(parts.add("tokens", new TokenVerifier(settings.tokens(), clock)));
            var delivery = new DeliveryApi(parts, settings, instance, partitions.get(Topics.EVENTS), database, vertx, tracing, clock);
            var invocations = new Invocations(settings, instance, partitions, vertx, registry, authenticator, lease::live,
                    delivery.asyncCalls(), delivery.keyedCalls(), new Webhooks(cipher), metrics.registry(), tracing, clock);
            invocations.start();
            var health = new Health()
                    .dependency("kafka", kafka::isReachable)
                    .dependency("registry", registry::hasLoaded)
                    .optional("postgres", database::isReachable)
                    .dependency("gateway", invocations::isOpen);
            health.bindTo(metrics.registry());

            var router = Router.router(vertx);
            HttpApi.mountErrors(router, settings.maxPayloadBytes());
            router.route().handler(connections::watch).handler(Compression::choose);
            router.route("/functions/v1/*").handler(authenticator::awaitKey); // before every route that asks who calls
            var document = ApiDocument.load();
            var operations = new Operations(document);
            new DocumentHandler(document).register(operations);
            new HealthHandler(health, metrics::scrape).register(operations);
            var compilation = new ModuleCompilation(compiler, new ArtefactStore(database));
            // one pool where the application's tables and our own are in one database
            var source = settings.source().url().equals(settings.database().url())
                    ? database
                    : parts.add("source", new Database(settings.source(), "aerofn-gateway-source", metrics.registry()));
            var tableTriggers = new TableTriggers(new WatchedTables(source));
            var propagation = new Propagation(registry, tableTriggers);
            new DeployHandler(store, authenticator, new ModuleIntake(), compilation, tableTriggers, propagation, vertx, clock).register(operations);
            delivery.register(operations, settings, database, store, registry, authenticator, clock);
            var threads = new BlockingCalls(vertx, "functions", settings.database().poolSize(), MAX_WAITING);
            var followers = parts.add("followers", new Followers(settings.kafka(), partitions.get(Topics.INVOCATIONS),
                    settings.maxFollowers(), settings.maxFollowersPerCaller(), vertx, metrics.registry()));
            followers.start();
            var live = new FollowHandler(followers, registry, authenticator, new BlockingCalls(vertx, "follow", 2, settings.maxFollowers()));
            new FunctionsHandler(store, registry, propagation, new InvocationLog(database), authenticator, threads, clock).register(operations, live::follow);
            new SecretsHandler(new SecretStore(database, cipher), store, propagation, authenticator, threads).register(operations);
            var versions = new FunctionVersions(database, cipher);
            var changes = new FunctionChanges(tableTriggers, propagation);
            new ConfigHandler(versions, changes, authenticator, threads, clock).register(operations);
            new VersionsHandler(versions, registry, changes, authenticator, threads, clock).register(operations);
            new BackfillsHandler(database, source, store, authenticator, threads, clock).register(operations);
            invocations.register(operations);
            operations.bind(router, new RequestMetrics(metrics.registry())::of);

            var port = listen(vertx, settings, router);
            parts.add("invocations", invocations); // stopped first: calls in flight still get their answers
            LOG.atInfo().addKeyValue("instance", instance).addKeyValue("port", port).log("gateway is ready");
            return new Gateway(parts, port);
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    /** The port it listens on. */
    public int port() {
        return port;
    }

    /** Refuses new calls, lets those in flight end, and stops. */
    @Override
    public void close() {
        parts.close();
    }

    /** One server on every event loop, all on the same port. */
    private static int listen(Vertx vertx, GatewaySettings settings, Router router) throws Exception {
        var options = new HttpServerOptions()
                .setHost(settings.host())
                .setPort(settings.port() == 0 ? -1 : settings.port()) // negative: a free one that all instances share
                .setMaxFormAttributeSize(256 * 1024)
                .setMaxFormFields(16)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setInitialSettings(new Http2Settings().setMaxHeaderListSize(MAX_HEADER_BYTES).setMaxConcurrentStreams(MAX_STREAMS))
                .setIdleTimeout((int) LONGEST_CALL.toSeconds());
        Compression.enable(options);
        var bound = new AtomicInteger();
        var loops = Runtime.getRuntime().availableProcessors();
        await(vertx.deployVerticle(() -> new VerticleBase() {
            @Override
            public Future<HttpServer> start() {
                return this.vertx.createHttpServer(options).requestHandler(router)
                        .invalidRequestHandler(HttpApi::answerUnparsable).listen()
                        .onSuccess(server -> bound.set(server.actualPort()));
            }
        }, new DeploymentOptions().setInstances(loops)));
        return bound.get();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }
}
