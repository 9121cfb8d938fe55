package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.wasm.HostError;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecureFetchIT {

    private static TestAuthority authority;
    private static HttpServerOptions forA;

    @BeforeAll
    static void makeCertificates(@TempDir Path directory) throws Exception {
        authority = new TestAuthority(directory);
        forA = authority.serving("dns:a.test.example,ip:127.0.0.1");
    }

    @Test
    void speaksHttp2WithAHostThatOffersIt() throws Exception {
        try (var host = new TestHost(forA, SecureFetchIT::answer); var fetch = trusting(host)) {
            var answer = fetch.ok("{\"method\":\"POST\",\"url\":\"https://a.test.example:" + host.port() + "/x?y\",\"body\":\"z\"}");
            assertEquals("z", answer.get("body").textValue());
            assertEquals(Set.of("content-length", "x-a"), Set.copyOf(answer.get("headers").properties().stream().map(Map.Entry::getKey).toList()));
            var received = host.last();
            assertEquals(HttpVersion.HTTP_2, received.version());
            assertEquals("a.test.example:" + host.port(), received.host());
            assertEquals("a.test.example", received.serverName());
            assertEquals("/x?y", received.uri());
        }
    }

    @Test
    void sharesAnHttp2Connection() throws Exception {
        try (var host = new TestHost(forA, SecureFetchIT::answer); var fetch = trusting(host)) {
            var url = "https://a.test.example:" + host.port() + "/";
            TestFetch.json(fetch.get(url));
            inParallel(20, () -> TestFetch.json(fetch.get(url)));
            assertEquals(21, host.received().size());
            assertTrue(host.received().stream().map(TestHost.Received::client).distinct().count() <= 4);
        }
    }

    @Test
    void speaksHttp1WithAHostThatOffersNoMore() throws Exception {
        var options = new HttpServerOptions(forA).setUseAlpn(false);
        try (var host = new TestHost(options, SecureFetchIT::answer); var fetch = trusting(host)) {
            TestFetch.json(fetch.get("https://a.test.example:" + host.port() + "/"));
            assertEquals(HttpVersion.HTTP_1_1, host.last().version());
        }
    }

    @Test
    void believesACertificateOfAnAddress() throws Exception {
        try (var host = new TestHost(forA, SecureFetchIT::answer); var fetch = trusting(host)) {
            TestFetch.json(fetch.get("https://127.0.0.1:" + host.port() + "/"));
            assertEquals(1, host.received().size());
        }
    }

    @Test
    void refusesACertificateForAnotherName() throws Exception {
        try (var host = new TestHost(forA, SecureFetchIT::answer); var fetch = trusting(host)) {
            var message = TestFetch.failure(HostError.UNAVAILABLE, fetch.get("https://b.test.example:" + host.port() + "/"));
            assertTrue(message.contains("certificate of 'b.test.example:" + host.port() + "'"), message);
            assertEquals(0, host.received().size());
        }
    }

    @Test
    void refusesACertificateOfAnUnknownAuthority() throws Exception {
        try (var host = new TestHost(forA, SecureFetchIT::answer); var fetch = new TestFetch(host.port())) {
            var message = TestFetch.failure(HostError.UNAVAILABLE, fetch.get("https://a.test.example:" + host.port() + "/"));
            assertTrue(message.contains("not trusted"), message);
            assertEquals(0, host.received().size());
        }
    }

    @Test
    void saysNothingOfTlsItselfWhereThereIsNone() throws Exception {
        try (var host = new TestHost(SecureFetchIT::answer); var fetch = trusting(host)) {
            var message = TestFetch.failure(HostError.UNAVAILABLE, fetch.get("https://a.test.example:" + host.port() + "/"));
            assertEquals("no connection to 'a.test.example:" + host.port() + "'", message);
        }
    }

    @Test
    void isNotLedFromHttpsToHttp() throws Exception {
        try (var plain = new TestHost(SecureFetchIT::answer);
                var host = new TestHost(forA, request -> request.response().setStatusCode(302)
                        .putHeader("Location", "http://a.test.example:" + plain.port() + "/").end());
                var fetch = trusting(host)) {
            var message = TestFetch.failure(HostError.DENIED, fetch.get("https://a.test.example:" + host.port() + "/"));
            assertTrue(message.contains("from https to http"), message);
            assertEquals(0, plain.received().size());
        }
    }

    @Test
    void takesNoMoreHeadersThanItMay() throws Exception {
        try (var host = new TestHost(forA, request -> request.response().putHeader("X-Long", "x".repeat(60_000)).end()); var fetch = trusting(host)) {
            var answer = fetch.get("https://a.test.example:" + host.port() + "/");
            TestFetch.failure(HostError.UNAVAILABLE, answer);
        }
    }

    private static void inParallel(int times, Callable<Object> task) throws Exception {
        var start = new CountDownLatch(1);
        try (var threads = Executors.newCachedThreadPool()) {
            var results = IntStream.range(0, times).<Future<Object>>mapToObj(i -> threads.submit(() -> {
                start.await();
                return task.call();
            })).toList();
            start.countDown();
            for (var result : results) {
                result.get();
            }
        }
    }

    private static TestFetch trusting(TestHost host) {
        return new TestFetch(host.port(), TestFetch.settings(100_000, 256, authority.certificates()));
    }

    private static void answer(HttpServerRequest request) {
        request.response().putHeader("X-A", "b");
        request.body().onSuccess(request.response()::end);
    }
}
