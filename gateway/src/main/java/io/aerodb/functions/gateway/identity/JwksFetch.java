package io.aerodb.functions.gateway.identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Gets a key set over HTTP. Follows no redirect: keys come from where the settings say, or not at all. */
final class JwksFetch implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration WHOLE_TIMEOUT = Duration.ofSeconds(3);
    private static final int MAX_BODY_BYTES = 256 * 1024;

    private final HttpRequest request;
    private final Duration wholeTimeout;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    JwksFetch(URI url) {
        this(url, WHOLE_TIMEOUT);
    }

    JwksFetch(URI url, Duration wholeTimeout) {
        this.wholeTimeout = wholeTimeout;
        this.request = HttpRequest.newBuilder(url).header("Accept", "application/jwk-set+json, application/json").build();
    }

    /** Completes within 3 s; exceptionally unless a key set came. Never blocks. */
    CompletableFuture<KeySet> fetch() {
        var exchange = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_BODY_BYTES));
        // The client's own timeout ends with the headers, and a body may trickle.
        return exchange.copy()
                .orTimeout(wholeTimeout.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        exchange.cancel(true);
                    }
                })
                .thenApply(JwksFetch::keySet);
    }

    /** Breaks off what is under way. */
    @Override
    public void close() {
        client.shutdownNow();
    }

    private static KeySet keySet(HttpResponse<String> response) {
        try {
            if (response.statusCode() != 200) {
                throw new IOException("the answer has the status " + response.statusCode());
            }
            return KeySet.parse(response.body());
        } catch (ParseException e) {
            throw new UncheckedIOException(new IOException("the answer is no key set", e));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
