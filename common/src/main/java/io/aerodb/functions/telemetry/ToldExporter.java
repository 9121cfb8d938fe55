package io.aerodb.functions.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells that spans could not be sent, or were too many to wait for it, once a minute at most. Thread-safe. */
final class ToldExporter implements SpanExporter {

    private static final Logger LOG = LoggerFactory.getLogger(ToldExporter.class);
    private static final long INTERVAL = Duration.ofMinutes(1).toNanos();

    private final SpanExporter exporter;
    private final int maxWaiting;
    private final LongSupplier nanoTime;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong nextTelling;
    private final LongAdder untold = new LongAdder();

    /** @param maxWaiting how many spans may wait to be sent, 1 or more */
    ToldExporter(SpanExporter exporter, int maxWaiting, LongSupplier nanoTime) {
        this.exporter = exporter;
        this.maxWaiting = maxWaiting;
        this.nanoTime = nanoTime;
        this.nextTelling = new AtomicLong(nanoTime.getAsLong());
    }

    /** Counts a span that is to wait until it is exported. @return false if it has to be dropped */
    boolean hasRoomForOne() {
        if (waiting.incrementAndGet() <= maxWaiting) {
            return true;
        }
        waiting.decrementAndGet();
        lost(1, "more than " + maxWaiting + " wait");
        return false;
    }

    /** @param spans that were counted before */
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        var count = spans.size();
        waiting.addAndGet(-count);
        var result = exporter.export(spans);
        return result.whenComplete(() -> {
            if (!result.isSuccess()) {
                lost(count, reason(result.getFailureThrowable()));
            }
        });
    }

    private void lost(int count, String reason) {
        untold.add(count);
        var now = nanoTime.getAsLong();
        var due = nextTelling.get();
        if (now - due >= 0 && nextTelling.compareAndSet(due, now + INTERVAL)) {
            LOG.atWarn().addKeyValue("spans", untold.sumThenReset()).log("spans could not be sent to AEROFN_TRACING_ENDPOINT: {}", reason);
        }
    }

    private static String reason(@Nullable Throwable failure) {
        if (failure == null) {
            return "no reason is known";
        }
        var root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
