package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.function.HostName;
import io.aerodb.functions.telemetry.TraceSpan;
import io.aerodb.functions.worker.wasm.HostError;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** Sends a request and follows where its answers lead, checking every place before it goes there. Thread-safe. */
final class Exchange {

    private static final int MAX_REDIRECTS = 3;

    private final AddressRules rules;
    private final Function<HostName, CompletionStage<List<InetAddress>>> lookup;
    private final Connections connections;

    /** @param lookup gives all addresses of a name, or fails */
    Exchange(AddressRules rules, Function<HostName, CompletionStage<List<InetAddress>>> lookup, Connections connections) {
        this.rules = rules;
        this.lookup = lookup;
        this.connections = connections;
    }

    /** Waits as long as it takes; an interrupt ends it. */
    ReceivedAnswer run(FetchCaller caller, FetchRequest first) throws FetchException, InterruptedException {
        describe(caller.span(), first);
        addOwnHeaders(caller, first);
        var request = first;
        for (var redirects = 0; ; redirects++) {
            requireAllowed(caller, request.target());
            var answer = connections.send(request, permittedAddresses(request.target().host()));
            var next = Redirect.of(answer, request.target());
            if (next.isEmpty()) {
                caller.span().put("http.response.status_code", answer.status());
                return answer;
            }
            if (redirects == MAX_REDIRECTS) {
                throw new FetchException(HostError.UNAVAILABLE, "the host '" + request.target().host() + "' redirects more than "
                        + MAX_REDIRECTS + " times");
            }
            request = request.redirected(answer.status(), next.get());
        }
    }

    /** Paths and queries may hold secrets, so neither is told. */
    private static void describe(TraceSpan span, FetchRequest request) {
        if (span.isRecording()) {
            span.rename(request.method())
                    .put("http.request.method", request.method())
                    .put("url.scheme", request.target().isSecure() ? "https" : "http")
                    .put("server.address", request.target().host().toString())
                    .put("server.port", request.target().port());
        }
    }

    private static void addOwnHeaders(FetchCaller caller, FetchRequest request) {
        var headers = request.headers();
        // a part of a compressed body could not be decompressed
        headers.addIfAbsent("accept-encoding", headers.has("range") ? "identity" : BodyCoding.ACCEPTED);
        headers.addIfAbsent("user-agent", "aerodb-functions");
        if (caller.trace() != null && !headers.has("traceparent")) {
            headers.add("traceparent", caller.trace().traceparent());
            if (caller.trace().tracestate() != null) {
                headers.addIfAbsent("tracestate", caller.trace().tracestate());
            }
        }
        if (!request.isSafe()) {
            headers.addIfAbsent(IdempotencyKey.HEADER, IdempotencyKey.of(caller.idempotencyScope(), caller.sequence()).toString());
        }
    }

    private static void requireAllowed(FetchCaller caller, Target target) throws FetchException {
        if (!caller.allowedHosts().allows(target.host(), target.port(), target.defaultPort())) {
            throw new FetchException(HostError.DENIED, "the function may not call '" + target.authority() + "': add it to allowed_hosts");
        }
    }

    /** All of a host's addresses; one that is not permitted spoils the others, for a name of the internet has none. */
    private List<InetAddress> permittedAddresses(HostName host) throws FetchException, InterruptedException {
        var literal = host.literal();
        var addresses = literal.isPresent() ? List.of(literal.get()) : addresses(host);
        if (!addresses.stream().allMatch(rules::permits)) {
            throw new FetchException(HostError.DENIED, "the host '" + host
                    + "' has an address that is not public: functions may call it only if worker.fetch-private-networks names its network");
        }
        return addresses;
    }

    private List<InetAddress> addresses(HostName host) throws FetchException, InterruptedException {
        try {
            return lookup.apply(host).toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new FetchException(HostError.UNAVAILABLE, "the host '" + host + "' cannot be found");
        }
    }
}
