package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.PayloadReader;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.gateway.webhook.SignedRequest;
import io.aerodb.functions.gateway.webhook.Webhooks;
import io.aerodb.functions.gateway.webhook.Webhooks.Message;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.TriggerType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * {@code POST /functions/v1/webhooks/{name}}: messages of senders that sign what they send. Who has no valid signature takes nothing
 * of the function's limits.
 */
final class WebhookHandler {

    private static final String ADMITTED = "webhook-function";
    /** For large bodies, a signature takes too long for an event loop. */
    private static final int THREADS = 2;
    private static final int MAX_WAITING = 1000;

    private final FunctionLookup functions;
    private final Invocations invocations;
    private final Gate gate;
    private final CallSpans spans;
    private final AsyncCalls asyncCalls;
    private final Webhooks webhooks;
    private final BlockingCalls threads;
    private final MeterRegistry metrics;
    private final Clock clock;

    WebhookHandler(FunctionLookup functions, Invocations invocations, Gate gate, CallSpans spans, AsyncCalls asyncCalls, Webhooks webhooks, Vertx vertx,
            MeterRegistry metrics, Clock clock) {
        this.functions = functions;
        this.invocations = invocations;
        this.gate = gate;
        this.spans = spans;
        this.asyncCalls = asyncCalls;
        this.webhooks = webhooks;
        this.threads = new BlockingCalls(vertx, "webhooks", THREADS, MAX_WAITING);
        this.metrics = metrics;
        this.clock = clock;
    }

    /** @param payload reads bodies and bounds them */
    void register(Operations operations, PayloadReader payload) {
        operations.handle("receiveWebhook", this::admit, payload::read, this::accept);
    }

    /** Goes on to the next handler with the function, or fails. */
    private void admit(RoutingContext context) {
        var name = new FunctionName(context.pathParam("name"));
        spans.begin(context, name);
        invocations.refuseIfBusy();
        functions.find(context, name, found -> {
            var function = found.filter(known -> known.config().enabled() && Webhooks.areTakenBy(known))
                    .orElseThrow(() -> new ProblemException(Problem.functionNotFound(name.value())));
            gate.checkQueue(function);
            context.put(ADMITTED, function);
            context.next();
        });
    }

    private void accept(RoutingContext context) {
        DeployedFunction function = context.get(ADMITTED);
        var signed = SignedRequest.of(context.request().headers(), PayloadReader.take(context));
        threads.run(() -> webhooks.check(function, signed, clock.instant()))
                .compose(message -> {
                    gate.enterQueue(function);
                    return asyncCalls.take(context, request(context, function, message, signed.body()));
                })
                .onFailure(failure -> {
                    count(function, failure);
                    Answers.failure(context, failure);
                })
                .onComplete(_ -> PayloadReader.memory(context).release());
    }

    private InvocationRequest request(RoutingContext context, DeployedFunction function, Message message, byte[] body) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return new InvocationRequest(
                message.invocation(),
                TriggerType.WEBHOOK,
                function.ref(),
                1,
                now,
                now.plus(function.config().retry().maxAge()),
                message.trigger().runAs().identity(),
                null,
                true,
                Lineage.NONE,
                spans.of(context, message.invocation()),
                HttpCalls.from(context.request(), Optional.empty(), Webhooks.signatureHeaders(function)),
                body);
    }

    private void count(DeployedFunction function, Throwable failure) {
        if (failure instanceof ProblemException refusal && refusal.problem().code().equals(Problem.INVALID_SIGNATURE)) {
            Counter.builder("functions.webhooks.refused").description("Webhooks without a valid signature of about now")
                    .tag("name", function.name().value()).register(metrics).increment();
        }
    }
}
