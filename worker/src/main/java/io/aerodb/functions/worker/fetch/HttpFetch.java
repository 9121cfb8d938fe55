package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.function.HostName;
import io.aerodb.functions.worker.fetch.FetchAnswer.Answered;
import io.aerodb.functions.worker.fetch.FetchAnswer.Failed;
import io.aerodb.functions.worker.wasm.HostError;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Fetches what guests ask for, from hosts that they may call. Thread-safe; whoever opens it closes it. */
public final class HttpFetch implements AutoCloseable {

    private final FetchSettings settings;
    private final Connections connections;
    private final Exchange exchange;
    private final Runnable endOfLookups;
    /** The caller's own thread only waits: it may have little stack left, and must be free again at the deadline come what may. */
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("fetch-", 0).factory());

    public HttpFetch(FetchSettings settings) {
        this(settings, new NameLookup(DnsServerAddressStreamProviders.platformDefault()));
    }

    private HttpFetch(FetchSettings settings, NameLookup names) {
        this(settings, names::lookup, names::close);
    }

    /**
     * @param lookup in place of the machine's own name servers
     * @param endOfLookups run when this is closed
     */
    HttpFetch(FetchSettings settings, Function<HostName, CompletionStage<List<InetAddress>>> lookup, Runnable endOfLookups) {
        this.settings = settings;
        this.connections = new Connections(settings);
        this.exchange = new Exchange(new AddressRules(settings.privateNetworks()), lookup, connections);
        this.endOfLookups = endOfLookups;
    }

    /**
     * Sends one request, follows up to three redirects, and waits for the whole answer.
     *
     * <p>A request is {@code {"method":"POST","url":"https://api.example.com/path","headers":{"accept":"text/plain"},"body":"…"}}. All
     * but the URL may be left out; {@code body_base64} takes the place of {@code body} for bytes that are no text; a header that is to
     * be repeated has an array of values. Added where the guest sets none: {@code accept-encoding}, {@code user-agent},
     * {@code traceparent} with {@code tracestate}, and for methods that change something {@code idempotency-key}.
     *
     * @param requestJson not copied; the caller does not write to it any more
     * @param remaining until the function's deadline; the answer comes no later
     * @throws InterruptedException if the thread is interrupted while it waits; the exchange is given up
     */
    public FetchAnswer fetch(FetchCaller caller, byte[] requestJson, Duration remaining) throws InterruptedException {
        if (!remaining.isPositive()) {
            return new Failed(HostError.DEADLINE, "the function's deadline has passed");
        }
        Future<FetchAnswer> answer;
        try {
            answer = threads.submit(() -> answer(caller, requestJson));
        } catch (RejectedExecutionException e) {
            return stopping();
        }
        try {
            return answer.get(remaining.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new Failed(HostError.DEADLINE, "the fetch took until the function's deadline");
        } catch (ExecutionException e) {
            if (threads.isShutdown()) {
                return stopping();
            }
            throw new IllegalStateException("a fetch failed", e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    /** Gives up what is under way. */
    @Override
    public void close() {
        threads.shutdownNow();
        connections.close();
        endOfLookups.run();
    }

    private FetchAnswer answer(FetchCaller caller, byte[] requestJson) throws InterruptedException {
        try {
            var request = RequestJson.parse(requestJson, settings.maxRequestBytes());
            var answer = exchange.run(caller, request);
            return new Answered(AnswerJson.write(BodyCoding.decoded(answer, settings.maxResponseBytes())));
        } catch (FetchException e) {
            return new Failed(e.error(), e.getMessage());
        }
    }

    private static Failed stopping() {
        return new Failed(HostError.UNAVAILABLE, "the worker is being stopped");
    }
}
