package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.admission.Admission;
import io.aerodb.functions.admission.Caller;
import io.aerodb.functions.admission.Permit;
import io.aerodb.functions.admission.Refusal;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.metrics.FunctionLabels;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;

/**
 * Lets calls in, or ends them with the problem that says which limit stands against them, and counts those: what is about a function as
 * {@code functions_refused_total}, what is about the gateway as {@code gateway_refused_total}. Thread-safe.
 */
final class Gate {

    /** All that are counted, from the start: Prometheus does not see the first increase of a counter that begins with it. */
    private static final List<String> REASONS = List.of("in_flight", "payload_bytes", "unsigned_payload_bytes", "unknown_functions", Refusal.Reason.CALLER_IN_FLIGHT.label());

    private final Admission admission;
    private final FunctionLabels functions;
    private final MeterRegistry metrics;

    Gate(Admission admission, FunctionLabels functions, MeterRegistry metrics) {
        this.admission = admission;
        this.functions = functions;
        this.metrics = metrics;
        REASONS.forEach(this::refused);
    }

    /**
     * Before the body is read; nothing is taken yet, so that those who send slowly keep nobody else out.
     *
     * @throws ProblemException 429 or 503 if the call would be refused now
     */
    void check(DeployedFunction function, Caller caller) {
        admission.refusal(function, caller).ifPresent(refusal -> {
            throw problem(refusal, function);
        });
    }

    /** The same for a call whose caller does not wait. @throws ProblemException 429 if the call would be refused now */
    void checkQueue(DeployedFunction function) {
        admission.refusalOfQueued(function).ifPresent(refusal -> {
            throw problem(refusal, function);
        });
    }

    /**
     * Takes what the call needs into its permit.
     *
     * @param longest how long it may take until it is known how the call ended
     * @throws ProblemException 429 or 503 if it is refused; the permit is ended then
     */
    void enter(DeployedFunction function, Caller caller, Duration longest, Permit permit) {
        admission.admit(function, caller, longest, permit).ifPresent(refusal -> {
            throw problem(refusal, function);
        });
    }

    /**
     * For a call whose caller does not wait: only how often its function may be called counts.
     *
     * @throws ProblemException 429 or 503 if it is refused
     */
    void enterQueue(DeployedFunction function) {
        admission.admitQueued(function).ifPresent(refusal -> {
            throw problem(refusal, function);
        });
    }

    /** Refuses a call by what the gateway as a whole may. @param reason label of the metric, one of few */
    ProblemException full(String reason, String detail) {
        count(reason);
        return new ProblemException(Problem.tooManyRequests(detail));
    }

    /** Counts a call that was refused elsewhere. */
    void count(String reason) {
        refused(reason).increment();
    }

    private Counter refused(String reason) {
        return Counter.builder("gateway.refused").description("Calls that were refused by what the gateway may take").tag("reason", reason)
                .register(metrics);
    }

    private ProblemException problem(Refusal refusal, DeployedFunction function) {
        var name = function.name().value();
        var policy = function.config().admission();
        var problem = switch (refusal.reason()) {
            case CIRCUIT_OPEN -> Problem.circuitOpen("too many calls of '" + name + "' failed lately; it is tried again after a while");
            case CONCURRENCY -> Problem.tooManyRequests("'" + name + "' runs as often at once as its concurrency of "
                    + policy.concurrency().orElseThrow() + " allows; try again");
            case CALLER_CONCURRENCY -> Problem.tooManyRequests("you have as many calls of '" + name + "' in flight as its caller_concurrency of "
                    + policy.callerConcurrency().orElseThrow() + " allows; try again");
            case CALLER_IN_FLIGHT -> Problem.tooManyRequests("you have as many calls in flight as one caller may; try again");
            case RATE_LIMIT -> Problem.tooManyRequests("'" + name + "' is called more often than its rate_limit of "
                    + policy.rateLimit().orElseThrow().perSecond() + " per second allows; try again");
        };
        if (refusal.reason() == Refusal.Reason.CALLER_IN_FLIGHT) {
            count(refusal.reason().label());
        } else {
            functions.counter(function.name(), "functions.refused", "Calls that were refused by the limits of their function",
                    "reason", refusal.reason().label()).increment();
        }
        return new ProblemException(problem.retryAfter(wholeSeconds(refusal.retryAfter())));
    }

    /** The header knows no less; rounded up, so that who comes back then does not come too early. */
    private static int wholeSeconds(Duration time) {
        return (int) Math.max(1, time.plusNanos(999_999_999).toSeconds());
    }
}
