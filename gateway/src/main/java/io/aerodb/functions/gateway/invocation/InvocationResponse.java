package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.admission.Permit;
import io.aerodb.functions.admission.Verdict;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.outcome.InvocationAnswer;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Reply;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** From the reply to the HTTP answer. */
final class InvocationResponse {

    private InvocationResponse() {}

    /**
     * @param reply empty if none came before the deadline
     * @param permit ended before the answer is written, so that whoever gets it can call again
     */
    static void send(RoutingContext context, InvocationRequest request, Optional<Reply> reply, Permit permit) {
        var response = context.response();
        var answer = reply.map(came -> InvocationAnswer.of(request.id(), request.function().name().value(), came.outcome()))
                .orElseGet(() -> InvocationAnswer.noReply(request.id()));
        permit.end(verdict(reply, answer));
        if (response.ended() || response.closed()) {
            return;
        }
        Answers.identify(response, request.id(), request.function().version());
        reply.ifPresent(came -> response.putHeader("server-timing", "queue;dur=" + millis(came.queue()) + ", run;dur=" + millis(came.run())));
        answer.send(context);
    }

    /** A function that ended well with output that is no answer has failed its callers. */
    private static Verdict verdict(Optional<Reply> reply, InvocationAnswer answer) {
        var verdict = reply.map(came -> Verdict.of(came.outcome())).orElse(Verdict.NEITHER);
        return verdict == Verdict.SUCCESS && answer.problem() != null ? Verdict.FAILURE : verdict;
    }

    private static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e6);
    }
}
