package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.admission.Caller;
import io.aerodb.functions.admission.Permit;
import io.aerodb.functions.admission.Verdict;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.Cors;
import io.aerodb.functions.gateway.http.PayloadReader;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.invocation.TriggerType;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The start of the invocation path. In two steps around the reading of the body: {@link #admit} knows from the headers alone
 * who calls what, and refuses before a byte of the body is read; {@link #invoke} takes what the call needs of its limits, makes the
 * record and sees that it is answered.
 */
final class InvokeHandler {

    private static final String ADMITTED = "admitted";

    private final FunctionLookup functions;
    private final Authenticator authenticator;
    private final Invocations invocations;
    private final Gate gate;
    private final CallSpans spans;
    private final AsyncCalls asyncCalls;
    private final KeyedCalls keyedCalls;
    private final ReplyAddress replyAddress;
    private final Duration queueTimeout;
    private final Duration longestDelay;
    private final Clock clock;

    private record Admitted(DeployedFunction function, Identity identity, Caller caller, CallOptions options) {}

    InvokeHandler(FunctionLookup functions, Authenticator authenticator, Invocations invocations, Gate gate, CallSpans spans, AsyncCalls asyncCalls, KeyedCalls keyedCalls,
            ReplyAddress replyAddress, Duration queueTimeout, Duration longestDelay, Clock clock) {
        this.functions = functions;
        this.authenticator = authenticator;
        this.invocations = invocations;
        this.gate = gate;
        this.spans = spans;
        this.asyncCalls = asyncCalls;
        this.keyedCalls = keyedCalls;
        this.replyAddress = replyAddress;
        this.queueTimeout = queueTimeout;
        this.longestDelay = longestDelay;
        this.clock = clock;
    }

    /** Answers a browser that asks whether a page may call a function, and goes on with everything else. */
    void preflight(RoutingContext context) {
        if (Cors.isPreflight(context.request())) {
            Cors.preflight(context, functions.cached(new FunctionName(context.pathParam("name"))));
        } else {
            context.next();
        }
    }

    /** Goes on to the next handler with the function and its caller, or fails. */
    void admit(RoutingContext context) {
        var name = new FunctionName(context.pathParam("name"));
        spans.begin(context, name);
        Cors.answerTo(context, functions.cached(name));
        invocations.refuseIfBusy();
        functions.find(context, name, found -> admit(context, name, found));
    }

    private void admit(RoutingContext context, FunctionName name, Optional<DeployedFunction> found) {
        Cors.answerTo(context, found);
        var request = context.request();
        var open = found.filter(function -> function.config().enabled() && !function.config().verifyJwt()).isPresent();
        var identity = open ? authenticator.callerOrAnonymous(request) : authenticator.caller(request);
        var function = found.filter(known -> known.config().enabled())
                .orElseThrow(() -> new ProblemException(Problem.functionNotFound(name.value())));
        var caller = Authenticator.counted(identity, request);
        var options = CallOptions.of(request, clock.instant(), longestDelay);
        if (options.async()) {
            gate.checkQueue(function);
        } else {
            gate.check(function, caller);
        }
        context.put(ADMITTED, new Admitted(function, identity, caller, options));
        context.next();
    }

    void invoke(RoutingContext context) {
        Admitted admitted = context.get(ADMITTED);
        var options = admitted.options();
        var permit = new Permit();
        permit.hold(_ -> PayloadReader.memory(context).release());
        try {
            invocations.refuseIfBusy();
            enter(admitted, permit);
            var request = request(context, admitted.function(), admitted.identity(), options);
            answer(context, permit, options.key().isPresent()
                    ? keyedCalls.answer(context, request, options, (_, first) -> run(context, first, options, permit))
                    : run(context, request, options, permit));
        } catch (RuntimeException e) {
            permit.end(Verdict.NEITHER);
            throw e;
        }
    }

    private void enter(Admitted admitted, Permit permit) {
        if (admitted.options().async()) {
            gate.enterQueue(admitted.function());
        } else {
            gate.enter(admitted.function(), admitted.caller(), longestCall(admitted.function()).plus(RequestSender.GRACE), permit);
        }
    }

    private Future<Void> run(RoutingContext context, InvocationRequest request, CallOptions options, Permit permit) {
        spans.started(context, request.id());
        return options.async() ? asyncCalls.answer(context, request, options.startAt()) : replied(context, request, permit, invocations.send(request));
    }

    /**
     * Ends the call's permit when it is known how the call ended. Where the caller goes away the function goes on, and so does what it
     * takes of its limits: until its reply, or until none can come any more.
     */
    static void answer(RoutingContext context, Permit permit, Future<Void> answered) {
        answered.onFailure(failure -> {
            permit.end(Verdict.NEITHER);
            Answers.failure(context, failure);
        }).onComplete(_ -> permit.end(Verdict.NEITHER)); // for what has no verdict, and for whatever broke before
    }

    static Future<Void> replied(RoutingContext context, InvocationRequest request, Permit permit, Future<Optional<Reply>> end) {
        return end
                .onFailure(_ -> {
                    if (!context.response().headWritten()) {
                        Answers.identify(context.response(), request.id(), request.function().version());
                    }
                })
                .map(reply -> {
                    InvocationResponse.send(context, request, reply, permit);
                    return null;
                });
    }

    private InvocationRequest request(RoutingContext context, DeployedFunction function, Identity caller, CallOptions options) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var patience = options.async() ? function.config().retry().maxAge() : longestCall(function);
        return new InvocationRequest(
                InvocationId.at(now),
                TriggerType.HTTP,
                function.ref(),
                1,
                now,
                options.startAt().filter(now::isBefore).orElse(now).plus(patience).truncatedTo(ChronoUnit.MICROS),
                caller,
                options.async() ? null : replyAddress,
                options.async() || options.key().isPresent(),
                Lineage.NONE,
                spans.of(context),
                HttpCalls.from(context.request(), Optional.ofNullable(context.pathParam("*"))),
                PayloadReader.take(context));
    }

    private Duration longestCall(DeployedFunction function) {
        return function.config().limits().timeout().plus(queueTimeout);
    }
}
