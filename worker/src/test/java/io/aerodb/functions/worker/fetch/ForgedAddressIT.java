package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.AllowedHosts;
import io.aerodb.functions.telemetry.TraceSpan;
import io.aerodb.functions.worker.wasm.HostError;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways in which a function, or a host it may call, tries to reach what it must not. */
class ForgedAddressIT {

    private TestHost host;
    private TestFetch fetch;
    private String origin;

    @BeforeEach
    void start() throws Exception {
        host = new TestHost(request -> {
            if (request.path().equals("/to")) {
                request.response().setStatusCode(307).putHeader("Location", request.query()).end();
            } else {
                request.response().end("reached");
            }
        });
        fetch = new TestFetch(host.port());
        origin = "http://a.test.example:" + host.port();
    }

    @AfterEach
    void stop() throws Exception {
        fetch.close();
        host.close();
    }

    @Test
    void callsNobodyByDefault() throws Exception {
        var caller = new FetchCaller(AllowedHosts.NONE, "i", 0, null, TraceSpan.none());
        var json = "{\"url\":\"" + origin + "/\"}";
        var message = TestFetch.failure(HostError.DENIED, fetch.door().fetch(caller, json.getBytes(StandardCharsets.UTF_8), TestFetch.LONG));
        assertEquals("the function may not call 'a.test.example:" + host.port() + "': add it to allowed_hosts", message);
        assertEquals(0, fetch.lookups(), "a name that is looked up is a message to its name server");
    }

    @Test
    void callsNoPortThatIsNotAllowed() throws Exception {
        assertTrue(TestFetch.failure(HostError.DENIED, fetch.get("http://a.test.example:" + (host.port() ^ 1) + "/")).contains("allowed_hosts"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "10.0.0.1", "0.0.0.0", "fd00:ec2::254", "64:ff9b::7f00:1", "2002:7f00:1::", "100.64.0.1", "::127.0.0.1"})
    void isNotLedInsideByANameServer(String address) throws Exception {
        fetch.name("a.test.example", address);
        var message = TestFetch.failure(HostError.DENIED, fetch.get(origin + "/"));
        assertTrue(message.contains("'a.test.example'"), message);
        assertFalse(message.contains(address), "what a name is inside of our network is nobody's business");
    }

    @Test
    void takesNoAddressOfANameThatHasAForbiddenOne() throws Exception {
        fetch.name("a.test.example", "127.0.0.1", "8.8.8.8", "10.0.0.1");
        TestFetch.failure(HostError.DENIED, fetch.get(origin + "/"));
        fetch.name("a.test.example", "127.0.0.1", "fe80::1");
        TestFetch.failure(HostError.DENIED, fetch.get(origin + "/"));
        assertEquals(0, host.received().size());
    }

    @Test
    void connectsToTheAddressItHasChecked() throws Exception {
        // no name server knows this name: a second lookup, by whomever, would fail
        fetch.name("a.test.example", "127.0.0.1");
        assertEquals(200, TestFetch.json(fetch.get(origin + "/")).get("status").intValue());
        assertEquals(1, fetch.lookups());
    }

    @Test
    void checksAgainThoughAConnectionIsOpen() throws Exception {
        assertEquals(200, TestFetch.json(fetch.get(origin + "/")).get("status").intValue());
        fetch.name("a.test.example", "169.254.169.254");
        TestFetch.failure(HostError.DENIED, fetch.get(origin + "/"));
        assertEquals(1, host.received().size());
    }

    @Test
    void mayNotCallAForbiddenAddressThatIsAllowedAsAHost() throws Exception {
        assertTrue(TestFetch.failure(HostError.DENIED, fetch.get("http://169.254.169.254/latest/meta-data/")).contains("address"));
        assertTrue(TestFetch.failure(HostError.DENIED, fetch.get("http://10.0.0.1/")).contains("address"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://evil.example/", "http://[::ffff:169.254.169.254]/",
        "http://2852039166/", "http://0xa9fea9fe/", "//169.254.169.254/", "http://inside.test.example/", "ftp://a.test.example/", "http://user@a.test.example/",
        "gopher://127.0.0.1:6379/_FLUSHALL", "file:///etc/passwd"})
    void isNotLedInsideByARedirect(String location) throws Exception {
        fetch.name("inside.test.example", "169.254.169.254");
        TestFetch.failure(HostError.DENIED, fetch.get(origin + "/to?" + location));
        assertEquals(1, host.received().size());
    }

    @Test
    void checksTheNameAgainOnARedirectToTheSameHost() throws Exception {
        fetch.name("a.test.example", "127.0.0.1");
        assertEquals("reached", TestFetch.json(fetch.get(origin + "/to?/x")).get("body").textValue());
        assertEquals(2, fetch.lookups());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "http://127.1:%d/", "http://2130706433:%d/", "http://0x7f.1:%d/", "http://[::ffff:127.0.0.1]:%d/",
        "http://127.0.0.1%%00.test.example:%d/", "http://a.test.example%%2f@127.0.0.1:%d/", "http://user@a.test.example:%d/", "http://evil.example\\\\\\\\@a.test.example:%d/"})
    void callsNoHostThatCouldBeReadInTwoWays(String url) throws Exception {
        TestFetch.failure(HostError.INVALID, fetch.get(url.formatted(host.port())));
        assertEquals(0, host.received().size());
        assertEquals(0, fetch.lookups());
    }

    @Test
    void saysNothingButThatANameCannotBeFound() throws Exception {
        fetch.name("a.test.example", CompletableFuture.failedFuture(new UnknownHostException("no answer from 10.0.0.2")));
        assertEquals("the host 'a.test.example' cannot be found", TestFetch.failure(HostError.UNAVAILABLE, fetch.get(origin + "/")));
    }
}
