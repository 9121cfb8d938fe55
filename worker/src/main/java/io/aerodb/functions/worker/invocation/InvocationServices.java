package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.function.AllowedHosts;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.source.WriteCause;
import io.aerodb.functions.worker.database.GuestDatabase;
import io.aerodb.functions.worker.database.QueryAnswer;
import io.aerodb.functions.worker.fetch.FetchCaller;
import io.aerodb.functions.worker.fetch.HttpFetch;
import io.aerodb.functions.worker.wasm.GuestServices;
import io.aerodb.functions.worker.wasm.HostAnswer;
import io.aerodb.functions.worker.wasm.HostError;
import java.time.Duration;

/** What functions reach outside of their sandboxes. Thread-safe. */
public final class InvocationServices {

    /** One invocation is no crawler. */
    static final int MAX_FETCHES = 100;

    private final GuestDatabase database;
    private final HttpFetch fetch;

    /** Both stay the caller's to close. */
    public InvocationServices(GuestDatabase database, HttpFetch fetch) {
        this.database = database;
        this.fetch = fetch;
    }

    /** For one run of an invocation, with the rights of the identity it runs as. */
    GuestServices of(InvocationRequest request, Identity runAs, AllowedHosts allowedHosts) {
        return new RunServices(request, runAs, allowedHosts);
    }

    private final class RunServices implements GuestServices {

        private final InvocationRequest request;
        private final Identity runAs;
        private final AllowedHosts allowedHosts;
        private int fetches;

        RunServices(InvocationRequest request, Identity runAs, AllowedHosts allowedHosts) {
            this.request = request;
            this.runAs = new WriteCause(request.id(), request.lineage().depth()).in(runAs);
            this.allowedHosts = allowedHosts;
        }

        @Override
        public HostAnswer dbQuery(String sql, byte[] params, Duration remaining) {
            return switch (database.query(runAs, sql, params, remaining)) {
                case QueryAnswer.Succeeded(var body) -> HostAnswer.of(body);
                case QueryAnswer.Failed failed -> new HostAnswer(failed.error().number(), failed.body());
            };
        }

        @Override
        public HostAnswer httpFetch(byte[] message, Duration remaining) throws InterruptedException {
            if (fetches == MAX_FETCHES) {
                return HostAnswer.error(HostError.QUOTA, "an invocation can send at most " + MAX_FETCHES + " requests");
            }
            fetches++;
            // the same request of another attempt has the same place in the row, and so the same key
            var caller = new FetchCaller(allowedHosts, request.id().toString(), fetches, request.traceparent());
            var answer = fetch.fetch(caller, message, remaining);
            return new HostAnswer(answer.code(), answer.body());
        }
    }
}
