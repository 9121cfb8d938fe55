package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.worker.wasm.HostError;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Sends requests to addresses that someone else has checked, over HTTP/2 where a host offers it with TLS and HTTP/1.1 otherwise.
 * Thread-safe.
 *
 * <p>A connection serves again only for the same scheme, host, port and address: all of them are the key of Vert.x's pool.
 */
final class Connections implements AutoCloseable {

    private static final int MAX_HEADER_BYTES = 32 * 1024;
    private static final int MAX_HTTP2_CONNECTIONS_TO_A_HOST = 4;
    private static final int HTTP2_WINDOW_BYTES = 1 << 20;
    private static final int MAX_ADDRESSES_TRIED = 4;
    private static final int EVENT_LOOPS = 2;
    private static final int IDLE_SECONDS = 30;

    private final Vertx vertx;
    private final HttpClient client;
    private final int kept;
    private final int maxBodyBytes;
    private final AtomicInteger open = new AtomicInteger();

    Connections(FetchSettings settings) {
        kept = settings.connections();
        maxBodyBytes = settings.maxResponseBytes();
        vertx = Vertx.vertx(new VertxOptions()
                .setPreferNativeTransport(false)
                .setEventLoopPoolSize(EVENT_LOOPS)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(2)
                .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        client = vertx.httpClientBuilder()
                .with(options(settings))
                .with(new PoolOptions().setHttp1MaxSize(kept).setHttp2MaxSize(Math.min(kept, MAX_HTTP2_CONNECTIONS_TO_A_HOST)))
                .withConnectHandler(this::count)
                .build();
    }

    /**
     * Waits for the whole answer; an interrupt ends the exchange.
     *
     * @param addresses of the request's host; the next is tried where one cannot be connected to
     */
    ReceivedAnswer send(FetchRequest request, List<InetAddress> addresses) throws FetchException, InterruptedException {
        try {
            return sendOnce(request, addresses);
        } catch (ExecutionException e) {
            if (!request.isSafe() || e.getCause() instanceof TooLongFrameException) {
                throw broken(request.target(), e.getCause());
            }
        }
        try {
            // hosts close connections that were idle for long, also at the moment they are used again
            return sendOnce(request, addresses);
        } catch (ExecutionException e) {
            throw broken(request.target(), e.getCause());
        }
    }

    @Override
    public void close() {
        try {
            vertx.close().await(5, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("connections to fetched hosts did not close", e);
        }
    }

    private ReceivedAnswer sendOnce(FetchRequest request, List<InetAddress> addresses)
            throws FetchException, InterruptedException, ExecutionException {
        var stream = connect(request, addresses);
        // the answer fails of it; without this a request that is given up would be an error in the worker's log
        stream.exceptionHandler(failure -> {});
        request.headers().byName().forEach(stream::putHeader);
        // before anything is sent: an answer that came first would be over before anyone listens
        var answer = stream.response().compose(this::collect).toCompletionStage().toCompletableFuture();
        var body = request.bodyToSend();
        if (body.isPresent()) {
            stream.send(Buffer.buffer(body.get()));
        } else {
            stream.send();
        }
        try {
            var collected = answer.get();
            if (open.get() > kept) {
                stream.connection().shutdown();
            }
            return collected.orElseThrow(() -> BodyCoding.tooLarge(maxBodyBytes));
        } catch (InterruptedException e) {
            stream.reset();
            throw e;
        }
    }

    private HttpClientRequest connect(FetchRequest request, List<InetAddress> addresses) throws FetchException, InterruptedException {
        var failure = Optional.<Throwable>empty();
        for (var address : addresses.subList(0, Math.min(MAX_ADDRESSES_TRIED, addresses.size()))) {
            var connecting = client.request(options(request, address)).toCompletionStage().toCompletableFuture();
            try {
                return connecting.get();
            } catch (InterruptedException e) {
                connecting.thenAccept(HttpClientRequest::reset);
                throw e;
            } catch (ExecutionException e) {
                failure = Optional.of(e.getCause());
            }
        }
        throw notConnected(request.target(), failure);
    }

    /** @return empty if the body is too large */
    private Future<Optional<ReceivedAnswer>> collect(HttpClientResponse response) {
        var promise = Promise.<Optional<ReceivedAnswer>>promise();
        var body = Buffer.buffer();
        response.handler(chunk -> {
            if (chunk.length() > maxBodyBytes - body.length()) {
                promise.tryComplete(Optional.empty());
                response.request().reset();
            } else {
                body.appendBuffer(chunk);
            }
        });
        response.exceptionHandler(promise::tryFail);
        response.endHandler(end -> promise.tryComplete(Optional.of(new ReceivedAnswer(response.statusCode(), headers(response), body.getBytes()))));
        return promise.future();
    }

    private static Headers headers(HttpClientResponse response) {
        var headers = new Headers();
        response.headers().forEach((name, value) -> headers.add(name.toLowerCase(Locale.ROOT), value));
        return headers;
    }

    private void count(HttpConnection connection) {
        open.incrementAndGet();
        connection.closeHandler(closed -> open.decrementAndGet());
        // without it each host that breaks the protocol could write into the worker's log; the exchange fails all the same
        connection.exceptionHandler(failure -> {});
    }

    private static HttpClientOptions options(FetchSettings settings) {
        var connectMillis = (int) settings.connectTimeout().toMillis();
        return new HttpClientOptions()
                // the version without TLS, where HTTP/2 would have to be asked for by an upgrade
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setUseAlpn(true)
                .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                .setInitialSettings(new Http2Settings()
                        .setPushEnabled(false)
                        .setMaxHeaderListSize(MAX_HEADER_BYTES)
                        .setInitialWindowSize(HTTP2_WINDOW_BYTES))
                .setHttp2ConnectionWindowSize(4 * HTTP2_WINDOW_BYTES)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setVerifyHost(true)
                .setTrustOptions(TrustOptions.wrap(Trust.inRuntimeAnd(settings.authorities())))
                .setConnectTimeout(connectMillis)
                .setSslHandshakeTimeout(connectMillis)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setKeepAliveTimeout(IDLE_SECONDS)
                .setHttp2KeepAliveTimeout(IDLE_SECONDS);
    }

    private static RequestOptions options(FetchRequest request, InetAddress address) {
        var target = request.target();
        return new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(withoutName(address), target.port())))
                .setMethod(HttpMethod.valueOf(request.method()))
                .setHost(target.host().toString())
                .setPort(target.port())
                .setSsl(target.isSecure())
                .setURI(target.path());
    }

    /** So that there is nothing left that could be looked up. */
    private static InetAddress withoutName(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static FetchException notConnected(Target target, Optional<Throwable> failure) {
        var badCertificate = Stream.iterate(failure.orElse(null), cause -> cause != null, Throwable::getCause)
                .anyMatch(CertificateException.class::isInstance);
        return new FetchException(HostError.UNAVAILABLE, badCertificate
                ? "the certificate of '" + target.authority() + "' is not trusted, has expired, or is for another name"
                : "no connection to '" + target.authority() + "'");
    }

    private static FetchException broken(Target target, Throwable cause) {
        return cause instanceof TooLongFrameException
                ? new FetchException(HostError.TOO_LARGE,
                        "the answer of '" + target.authority() + "' has more than " + MAX_HEADER_BYTES + " bytes of headers")
                : new FetchException(HostError.UNAVAILABLE,
                        "the connection to '" + target.authority() + "' ended before its answer did");
    }
}
