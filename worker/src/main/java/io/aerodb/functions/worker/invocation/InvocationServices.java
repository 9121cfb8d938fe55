package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.function.AllowedHosts;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.source.WriteCause;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.telemetry.Tracing;
import io.aerodb.functions.worker.database.GuestDatabase;
import io.aerodb.functions.worker.database.QueryAnswer;
import io.aerodb.functions.worker.fetch.FetchCaller;
import io.aerodb.functions.worker.fetch.HttpFetch;
import io.aerodb.functions.worker.wasm.GuestServices;
import io.aerodb.functions.worker.wasm.HostAnswer;
import io.aerodb.functions.worker.wasm.HostError;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What functions reach outside of their sandboxes. Thread-safe. */
public final class InvocationServices {

    /** One invocation is no crawler. */
    static final int MAX_FETCHES = 100;

    private final GuestDatabase database;
    private final HttpFetch fetch;
    private final HostCallSpans spans;

    /** All of them stay the caller's to close. */
    public InvocationServices(GuestDatabase database, HttpFetch fetch, Tracing tracing) {
        this.database = database;
        this.fetch = fetch;
        this.spans = new HostCallSpans(tracing);
    }

    /** For one run of an invocation, with the rights of the identity it runs as. */
    GuestServices of(InvocationRequest request, Identity runAs, AllowedHosts allowedHosts) {
        return new RunServices(request, runAs, allowedHosts);
    }

    private final class RunServices implements GuestServices {

        private final InvocationRequest request;
        private final Identity runAs;
        /** As the identity of its queries, unless each of them is told apart in a trace. */
        private final Identity writer;
        private final AllowedHosts allowedHosts;
        private int fetches;

        RunServices(InvocationRequest request, Identity runAs, AllowedHosts allowedHosts) {
            this.request = request;
            this.runAs = runAs;
            this.writer = writer(null);
            this.allowedHosts = allowedHosts;
        }

        @Override
        public HostAnswer dbQuery(String sql, byte[] params, Duration remaining) {
            var span = spans.query(sql, request.trace());
            try {
                var trace = span.isRecording() ? span.contextOr(null) : null;
                return HostCallSpans.ended(span, switch (database.query(trace == null ? writer : writer(trace), sql, params, remaining, trace)) {
                    case QueryAnswer.Succeeded(var body) -> HostAnswer.of(body);
                    case QueryAnswer.Failed failed -> new HostAnswer(failed.error().number(), failed.body());
                });
            } finally {
                span.end();
            }
        }

        private Identity writer(@Nullable TraceContext trace) {
            return new WriteCause(request.id(), request.lineage().depth(), trace).in(runAs);
        }

        @Override
        public HostAnswer httpFetch(byte[] message, Duration remaining) throws InterruptedException {
            if (fetches == MAX_FETCHES) {
                return HostAnswer.error(HostError.QUOTA, "an invocation can send at most " + MAX_FETCHES + " requests");
            }
            fetches++;
            // the same request of another attempt has the same place in the row, and so the same key
            var span = spans.fetch(request.trace());
            try {
                var caller = new FetchCaller(allowedHosts, request.id().toString(), fetches, span.contextOr(request.trace()), span);
                var answer = fetch.fetch(caller, message, remaining);
                return HostCallSpans.ended(span, new HostAnswer(answer.code(), answer.body()));
            } finally {
                span.end();
            }
        }
    }
}
