package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.PayloadReader;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * The start of the invocation path. In two steps around the reading of the body: {@link #admit} knows from the headers alone
 * who calls what, and refuses before a byte of the body is read; {@link #invoke} makes the record and
 * sees that it is answered.
 */
final class InvokeHandler {

    private static final String ADMITTED = "admitted";
    /** Guessing names must not keep all threads busy that ask the database. */
    private static final int MAX_LOOKUPS = 8;

    private final FunctionRegistry functions;
    private final Authenticator authenticator;
    private final Invocations invocations;
    private final AsyncCalls asyncCalls;
    private final KeyedCalls keyedCalls;
    private final ReplyAddress replyAddress;
    private final Duration queueTimeout;
    private final Clock clock;
    private final Semaphore lookups = new Semaphore(MAX_LOOKUPS);

    private record Admitted(DeployedFunction function, Identity caller) {}

    InvokeHandler(FunctionRegistry functions, Authenticator authenticator, Invocations invocations, AsyncCalls asyncCalls, KeyedCalls keyedCalls,
            ReplyAddress replyAddress, Duration queueTimeout, Clock clock) {
        this.functions = functions;
        this.authenticator = authenticator;
        this.invocations = invocations;
        this.asyncCalls = asyncCalls;
        this.keyedCalls = keyedCalls;
        this.replyAddress = replyAddress;
        this.queueTimeout = queueTimeout;
        this.clock = clock;
    }

    /** Goes on to the next handler with the function and its caller, or fails. */
    void admit(RoutingContext context) {
        invocations.refuseIfBusy();
        var name = new FunctionName(context.pathParam("name"));
        var known = functions.cached(name);
        if (known.isPresent()) {
            admit(context, name, known);
            return;
        }
        if (!lookups.tryAcquire()) {
            throw new ProblemException(Problem.tooManyRequests("too many calls of functions that are not known here; try again"));
        }
        context.request().pause();
        context.vertx().executeBlocking(() -> functions.find(name), false).onComplete(found -> {
            lookups.release();
            if (found.succeeded()) {
                try {
                    admit(context, name, found.result());
                } catch (ProblemException | UnavailableException e) {
                    context.fail(e);
                }
            } else {
                context.fail(found.cause());
            }
            context.request().resume(); // only now that somebody reads the body
        });
    }

    private void admit(RoutingContext context, FunctionName name, Optional<DeployedFunction> found) {
        var request = context.request();
        var open = found.filter(function -> function.config().enabled() && !function.config().verifyJwt()).isPresent();
        var caller = open ? authenticator.callerOrAnonymous(request) : authenticator.caller(request);
        var function = found.filter(known -> known.config().enabled())
                .orElseThrow(() -> new ProblemException(Problem.functionNotFound(name.value())));
        context.put(ADMITTED, new Admitted(function, caller));
        context.next();
    }

    void invoke(RoutingContext context) {
        Admitted admitted = context.get(ADMITTED);
        var options = CallOptions.in(context);
        var request = request(context, admitted.function(), admitted.caller(), options);
        var answered = options.key().isPresent()
                ? keyedCalls.answer(context, request, options, options.async() ? asyncCalls::answer : this::waitForReply)
                : options.async() ? asyncCalls.answer(context, request) : waitForReply(context, request);
        answered.onFailure(failure -> Answers.failure(context, failure));
    }

    private Future<Void> waitForReply(RoutingContext context, InvocationRequest request) {
        context.response().closeHandler(_ -> invocations.abandon(request.id()));
        return invocations.send(request)
                .onFailure(_ -> {
                    if (!context.response().headWritten()) {
                        InvocationResponse.identify(context.response(), request.id(), request.function().version());
                    }
                })
                .map(reply -> {
                    InvocationResponse.send(context, request, reply);
                    return null;
                });
    }

    private InvocationRequest request(RoutingContext context, DeployedFunction function, Identity caller, CallOptions options) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var patience = options.async() ? function.config().retry().maxAge() : function.config().limits().timeout().plus(queueTimeout);
        return new InvocationRequest(
                InvocationId.at(now),
                TriggerType.HTTP,
                function.ref(),
                1,
                now,
                now.plus(patience),
                caller,
                options.async() ? null : replyAddress,
                options.async() || options.key().isPresent(),
                Lineage.NONE,
                TraceParent.valid(context.request().getHeader("traceparent")).orElse(null),
                HttpCalls.from(context.request(), Optional.ofNullable(context.pathParam("*"))),
                PayloadReader.payload(context));
    }
}
