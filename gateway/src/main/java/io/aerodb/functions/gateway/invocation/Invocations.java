package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.admission.Admission;
import io.aerodb.functions.admission.CircuitBreakers;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.gateway.GatewaySettings;
import io.aerodb.functions.gateway.http.PayloadMemory;
import io.aerodb.functions.gateway.http.PayloadReader;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.gateway.webhook.Webhooks;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.metrics.FunctionLabels;
import io.aerodb.functions.telemetry.Tracing;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The gateway's half of the invocation path: its routes, its producer, its inbox, and the calls between them.
 *
 * <p>{@code InvokeHandler → RequestSender → functions.invoke → worker → functions.replies → ReplyInbox → InvocationResponse}
 */
public final class Invocations implements AutoCloseable {

    private static final Duration DELIVERY_TIMEOUT = Duration.ofMillis(1500);
    private static final long BUFFER_BYTES = 64 << 20;
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(10);

    private final GatewaySettings settings;
    private final Producer<byte[], byte[]> producer;
    private final PendingReplies pending;
    private final ReplyInbox inbox;
    private final RequestSender sender;
    private final Gate gate;
    private final PayloadMemory payloads;
    private final KeyedCalls keyedCalls;
    private final InvokeHandler handler;
    private final WebhookHandler webhooks;
    private volatile boolean draining;

    /**
     * @param instance names this gateway among others; decides which partition its replies come on
     * @param partitions of each topic by its name
     * @param webhooks says who has signed them
     * @param liveGateways how many gateways share the limits of functions now
     */
    public Invocations(GatewaySettings settings, String instance, Map<String, Integer> partitions, Vertx vertx,
            FunctionRegistry functions, Authenticator authenticator, IntSupplier liveGateways, AsyncCalls asyncCalls, KeyedCalls keyedCalls,
            Webhooks webhooks, MeterRegistry metrics, Tracing tracing, Clock clock) {
        this.settings = settings;
        this.keyedCalls = keyedCalls;
        var replyAddress = new ReplyAddress(Topics.REPLIES, Math.floorMod(instance.hashCode(), partitions.get(Topics.REPLIES)));
        // A send must not block an event loop: the topic's metadata is fetched before the first one, in start.
        this.producer = settings.kafka().spreadingProducer(DELIVERY_TIMEOUT, Duration.ofMillis(5), BUFFER_BYTES);
        this.pending = new PendingReplies(vertx);
        this.inbox = new ReplyInbox(settings.kafka(), replyAddress, pending);
        this.sender = new RequestSender(producer, new RequestCodec(settings.recordKeys(), "/gateway/" + instance, tracing), pending, clock);
        var circuits = new CircuitBreakers(metrics);
        var labels = new FunctionLabels(metrics, name -> functions.cached(name).isPresent());
        functions.onDelete(circuits::deleted);
        functions.onDelete(labels::deleted);
        this.gate = new Gate(new Admission(settings.maxInFlightPerCaller(), liveGateways, circuits), labels, metrics);
        this.payloads = new PayloadMemory(settings.maxInFlightBytes(), () -> gate.count("payload_bytes"));
        var lookup = new FunctionLookup(functions, gate);
        var spans = new CallSpans(tracing);
        this.handler = new InvokeHandler(lookup, authenticator, this, gate, spans, asyncCalls, keyedCalls, replyAddress, settings.queueTimeout(),
                settings.topics().longestDelay(), clock);
        var unsigned = new UnsignedPayloads(settings.maxInFlightBytes() / 4, settings.maxPayloadBytes(), () -> gate.count("unsigned_payload_bytes"));
        this.webhooks = new WebhookHandler(lookup, this, gate, spans, asyncCalls, webhooks, payloads, unsigned, vertx, labels, clock);
        Gauge.builder("gateway.invocations.in.flight", pending, PendingReplies::size)
                .description("Calls that wait for a reply").register(metrics);
        Gauge.builder("gateway.payloads.in.flight", payloads, PayloadMemory::used)
                .description("Payloads of calls that wait for a reply or are being read").baseUnit("bytes").register(metrics);
    }

    /** Returns once requests can be sent and their replies will be seen. */
    public void start() throws InterruptedException {
        inbox.start();
        while (true) {
            try {
                producer.partitionsFor(Topics.INVOKE);
                return;
            } catch (TimeoutException e) {
                Thread.sleep(CHECK_INTERVAL);
            }
        }
    }

    public void register(Operations operations) {
        var payload = new PayloadReader(settings.maxPayloadBytes(), payloads);
        operations.handle("invoke", handler::preflight, handler::admit, payload::read, handler::invoke);
        operations.handle("invokeByName", handler::admit, payload::read, handler::invoke);
        operations.handle("preflightByName", handler::preflight, context -> context.response().setStatusCode(204).end());
        webhooks.register(operations, settings.maxPayloadBytes());
    }

    Future<Optional<Reply>> send(InvocationRequest request) {
        return sender.send(request);
    }

    /** @throws ProblemException 503 while stopping, 429 with too many calls in flight */
    void refuseIfBusy() {
        if (draining) {
            throw new ProblemException(Problem.unavailable("this gateway is being stopped; try again"));
        }
        if (pending.size() >= settings.maxInFlight()) {
            throw gate.full("in_flight", "this gateway has as many calls in flight as it may; try again");
        }
    }

    /** Whether new calls are taken. */
    public boolean isOpen() {
        return !draining;
    }

    /** Takes no more calls, waits for those in flight as long as the settings allow, and lets go of Kafka. */
    @Override
    public void close() throws InterruptedException {
        draining = true;
        var end = System.nanoTime() + settings.drainTimeout().toNanos();
        while (pending.size() + keyedCalls.open() > 0 && System.nanoTime() < end) {
            Thread.sleep(CHECK_INTERVAL);
        }
        inbox.close();
        producer.close(DELIVERY_TIMEOUT);
    }
}
