package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.PayloadMemory;
import io.aerodb.functions.gateway.http.PayloadReader;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.gateway.webhook.PossibleSenders;
import io.aerodb.functions.gateway.webhook.PossibleSenders.Message;
import io.aerodb.functions.gateway.webhook.SignedHeaders;
import io.aerodb.functions.gateway.webhook.Webhooks;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.metrics.FunctionLabels;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * {@code POST /functions/v1/webhooks/{name}}: messages of senders that sign what they send. Who has no valid signature takes nothing
 * of the function's limits, and of the gateway's memory only what there is for {@linkplain UnsignedPayloads such}.
 */
final class WebhookHandler {

    private static final String ADMITTED = "webhook";
    /** For larger bodies, a signature takes too long for an event loop: 16 may have to be tried, four keys of each of four senders. */
    private static final int MOST_AT_ONCE = 16 * 1024;
    private static final int THREADS = 2;
    /** More than what there is memory for at the default size. */
    private static final int MAX_WAITING = 4096;

    private final FunctionLookup functions;
    private final Invocations invocations;
    private final Gate gate;
    private final CallSpans spans;
    private final AsyncCalls asyncCalls;
    private final Webhooks webhooks;
    private final PayloadMemory payloads;
    private final UnsignedPayloads unsigned;
    private final BlockingCalls threads;
    private final FunctionLabels labels;
    private final Clock clock;

    private record Admitted(DeployedFunction function, PossibleSenders senders) {}

    /** @param payloads where what was signed finds room @param unsigned where that does of which it is not known yet */
    WebhookHandler(FunctionLookup functions, Invocations invocations, Gate gate, CallSpans spans, AsyncCalls asyncCalls, Webhooks webhooks,
            PayloadMemory payloads, UnsignedPayloads unsigned, Vertx vertx, FunctionLabels labels, Clock clock) {
        this.functions = functions;
        this.invocations = invocations;
        this.gate = gate;
        this.spans = spans;
        this.asyncCalls = asyncCalls;
        this.webhooks = webhooks;
        this.payloads = payloads;
        this.unsigned = unsigned;
        this.threads = new BlockingCalls(vertx, "webhooks", THREADS, MAX_WAITING);
        this.labels = labels;
        this.clock = clock;
    }

    /** @param maxPayloadBytes of one message */
    void register(Operations operations, long maxPayloadBytes) {
        operations.handle("receiveWebhook", this::admit, context -> read(context, maxPayloadBytes), this::accept);
    }

    /** Goes on to the next handler with the function and who may have sent this, or fails: before a byte of the body is read. */
    private void admit(RoutingContext context) {
        var name = new FunctionName(context.pathParam("name"));
        spans.begin(context, name);
        invocations.refuseIfBusy();
        functions.find(context, name, found -> {
            var function = found.filter(known -> known.config().enabled() && Webhooks.areTakenBy(known))
                    .orElseThrow(() -> new ProblemException(Problem.functionNotFound(name.value())));
            context.put(ADMITTED, new Admitted(function, possibleSenders(context, function)));
            gate.checkQueue(function);
            context.next();
        });
    }

    private PossibleSenders possibleSenders(RoutingContext context, DeployedFunction function) {
        try {
            return webhooks.possibleSenders(function, new SignedHeaders(context.request().headers()), clock.instant());
        } catch (ProblemException e) {
            count(function, e);
            throw e;
        }
    }

    private void read(RoutingContext context, long maxPayloadBytes) {
        Admitted admitted = context.get(ADMITTED);
        new PayloadReader(maxPayloadBytes, unsigned.of(admitted.function().name())).read(context);
    }

    private void accept(RoutingContext context) {
        Admitted admitted = context.get(ADMITTED);
        var function = admitted.function();
        var body = PayloadReader.take(context);
        checked(admitted.senders(), body)
                .onComplete(_ -> PayloadReader.memory(context).release())
                .compose(message -> take(context, function, message, body))
                .onFailure(failure -> {
                    count(function, failure);
                    Answers.failure(context, failure);
                });
    }

    private Future<Message> checked(PossibleSenders senders, byte[] body) {
        return body.length <= MOST_AT_ONCE ? Future.succeededFuture(body).map(senders::check) : threads.run(() -> senders.check(body));
    }

    private Future<Void> take(RoutingContext context, DeployedFunction function, Message message, byte[] body) {
        gate.enterQueue(function);
        var held = payloads.hold(body.length);
        spans.started(context, message.invocation());
        return asyncCalls.take(context, request(context, function, message, body)).onComplete(_ -> held.release());
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
                spans.of(context),
                HttpCalls.from(context.request(), Optional.empty(), Webhooks.signatureHeaders(function)),
                body);
    }

    private void count(DeployedFunction function, Throwable failure) {
        if (failure instanceof ProblemException refusal && refusal.problem().code().equals(Problem.INVALID_SIGNATURE)) {
            labels.counter(function.name(), "functions.webhooks.refused", "Webhooks without a valid signature of about now").increment();
        }
    }
}
