package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.wasm.HostError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

    @ParameterizedTest
    @CsvSource({
        "https://example.com, https://example.com, 443, /",
        "HTTPS://EXAMPLE.com./A/b, https://example.com, 443, /A/b",
        "http://example.com?q=1, http://example.com, 80, /?q=1",
        "http://example.com:80/, http://example.com, 80, /",
        "http://example.com:443/, http://example.com:443, 443, /",
        "https://example.com:8443/a?b=c/d?e@f:g#h?i, https://example.com:8443, 8443, /a?b=c/d?e@f:g",
        "https://example.com/a@b:c, https://example.com, 443, /a@b:c",
        "https://example.com/%zz/[x]/../y, https://example.com, 443, /%zz/[x]/../y",
        "https://example.com#@evil.com/, https://example.com, 443, /",
        "https://münchen.example/, https://xn--mnchen-3ya.example, 443, /",
        "http://1.2.3.4:8080/x, http://1.2.3.4:8080, 8080, /x",
        "http://[::1]/, http://[0:0:0:0:0:0:0:1], 80, /",
        "http://[2001:db8::1]:81/, http://[2001:db8:0:0:0:0:0:1]:81, 81, /"})
    void readsUrls(String url, String origin, int port, String path) throws Exception {
        var target = Target.parse(url);
        assertEquals(origin, target.origin());
        assertEquals(port, target.port());
        assertEquals(path, target.path());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "/x", "//example.com/", "example.com", "https:", "https:/", "https:/example.com", "https:example.com", "https://", "https:///x",
        "https://?x", "https://#x", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "jar:http://example.com!/", "data:text/plain,x",
        "javascript:x", "unix:///var/run/docker.sock", "https+unix://example.com/", " https://example.com", "https://example.com ", "https://example.com/a b",
        "https://example.com/\u0000", "https://example.com/\r\nHost: evil", "https://example.com/é", "https://example.com\\@evil.com", "https://evil.com\\example.com/",
        "https://user@example.com/", "https://user:password@example.com/", "https://:@example.com/", "https://@example.com/", "https://example.com@evil.com/",
        "https://example.com:/", "https://example.com:0/", "https://example.com:65536/", "https://example.com:999999/", "https://example.com:0443/",
        "https://example.com:+1/", "https://example.com:44a/", "https://example.com:443:443/", "http://2130706433/", "http://127.1/", "http://0x7f.1/",
        "http://0x7f000001/", "http://0177.0.0.1/", "http://127.0.0.1./", "http://[::1/", "http://::1/", "http://[::1]x/", "http://[::1%25lo]/",
        "http://[::ffff:127.0.0.1]/", "http://%31%32%37.0.0.1/", "http://exa%6dple.com/", "http://example.com%00.evil.com/", "http://１２７.0.0.1/",
        "http://a_b.example/", "http://.example.com/", "http://example..com/"})
    void refusesUrlsThatAreOdd(String url) {
        assertEquals(HostError.INVALID, assertThrows(FetchException.class, () -> Target.parse(url)).error());
    }

    @Test
    void refusesLongUrls() throws Exception {
        Target.parse("https://example.com/" + "x".repeat(8172));
        assertEquals(HostError.TOO_LARGE, assertThrows(FetchException.class, () -> Target.parse("https://example.com/" + "x".repeat(8173))).error());
    }

    @Test
    void neverRepeatsAPassword() {
        var message = assertThrows(FetchException.class, () -> Target.parse("https://user:s3cret@example.com/")).getMessage();
        assertFalse(message.contains("s3cret"), message);
        assertTrue(message.contains("Authorization"), message);
    }

    @ParameterizedTest
    @CsvSource({"https://a.example/x, https://A.example:443/y, true", "https://a.example, http://a.example, false", "http://a.example:443, https://a.example, false",
        "https://a.example, https://b.example, false", "https://a.example, https://a.example:444, false"})
    void knowsItsOrigin(String one, String other, boolean same) throws Exception {
        assertEquals(same, Target.parse(one).hasOriginOf(Target.parse(other)));
    }
}
