package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.Claim;
import io.aerodb.functions.invocation.ClaimRequest;
import io.aerodb.functions.metrics.Histograms;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;

/** How a worker's claims were answered: {@code worker_claims_total}, {@code worker_claim_seconds}, {@code worker_claim_batch}. Thread-safe. */
public final class ClaimMetrics {

    private final Counter granted;
    private final Counter takenOver;
    private final Counter over;
    private final Counter held;
    private final Counter lost;
    private final Counter unavailable;
    private final Timer time;
    private final DistributionSummary batch;

    public ClaimMetrics(MeterRegistry registry) {
        granted = claims("granted", registry);
        takenOver = claims("taken_over", registry);
        over = claims("over", registry);
        held = claims("held", registry);
        lost = claims("lost", registry);
        unavailable = claims("unavailable", registry);
        time = Histograms.ofTimes("worker.claim", "Time that a batch of claims took").register(registry);
        batch = DistributionSummary.builder("worker.claim.batch").description("Claims asked for together").register(registry);
    }

    void answered(ClaimRequest request, Claim answer) {
        var counter = switch (answer) {
            case Claim.Granted(var attempt, _) -> attempt > request.attempt() ? takenOver : granted;
            case Claim.Over _ -> over;
            case Claim.Held _ -> held;
            case Claim.Lost _ -> lost;
        };
        counter.increment();
    }

    void unavailable() {
        unavailable.increment();
    }

    <T> T timed(int size, Supplier<T> question) {
        batch.record(size);
        return time.record(question);
    }

    private static Counter claims(String result, MeterRegistry registry) {
        return Counter.builder("worker.claims").description("Invocations that were asked for before they were run, by the answer")
                .tag("result", result).register(registry);
    }
}
