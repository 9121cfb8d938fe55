package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {

    @ParameterizedTest
    @CsvSource({
        // entry, host, port, default port of the scheme, allowed
        "api.example.com, api.example.com, 443, 443, true",
        "api.example.com, api.example.com, 80, 80, true",
        "api.example.com, api.example.com, 8443, 443, false",
        "api.example.com, api.example.com, 443, 80, false",
        "API.Example.com., api.example.com, 443, 443, true",
        "api.example.com, API.EXAMPLE.COM., 443, 443, true",
        "api.example.com, example.com, 443, 443, false",
        "api.example.com, x.api.example.com, 443, 443, false",
        "api.example.com, api.example.com.evil.org, 443, 443, false",
        "api.example.com, evilapi.example.com, 443, 443, false",
        "*.example.com, a.example.com, 443, 443, true",
        "*.example.com, a.b.example.com, 443, 443, true",
        "*.example.com, example.com, 443, 443, false",
        "*.example.com, badexample.com, 443, 443, false",
        "*.example.com:8443, a.example.com, 8443, 443, true",
        "*.example.com:8443, a.example.com, 443, 443, false",
        "api.example.com:443, api.example.com, 443, 80, true",
        "münchen.example, xn--mnchen-3ya.example, 443, 443, true",
        "1.2.3.4, 1.2.3.4, 443, 443, true",
        "1.2.3.4, 1.2.3.5, 443, 443, false",
        "[2001:db8::1]:8080, [2001:DB8:0::1], 8080, 80, true",
        "[2001:db8::1], [2001:db8::2], 80, 80, false",
        "localhost:3000, localhost, 3000, 80, true"})
    void decidesByHostAndPort(String entry, String host, int port, int defaultPort, boolean allowed) {
        assertEquals(allowed, AllowedHosts.parse(List.of(entry)).allows(HostName.parse(host).orElseThrow(), port, defaultPort));
    }

    @Test
    void allowsNothingByDefault() {
        assertEquals(List.of(), AllowedHosts.NONE.entries());
        assertEquals(AllowedHosts.NONE, AllowedHosts.parse(List.of()));
        assertEquals(false, AllowedHosts.NONE.allows(HostName.parse("example.com").orElseThrow(), 443, 443));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "*", "*.", "*.com", "*.*.com", "a.*.com", "a*.example.com", "*example.com", "**.example.com", "https://example.com",
        "example.com/", "example.com/path", "user@example.com", "//example.com", "example.com:", "example.com:0", "example.com:65536", "example.com:99999",
        "example.com:080", "example.com:*", "example.com:443:443", "example.com:-1", " example.com", "example.com ", "exa mple.com", "a_b.com", "127.1",
        "2130706433", "0x7f.1", "10.0.0.0/8", "*.1.2.3.4", "*.[::1]", "::1", "::1:443", "[::1", "[::ffff:1.2.3.4]", "[fe80::1%eth0]", "1.2.3.4.",
        "example.com?x", "example.com#x", "example.com\n", "exa%6dple.com", "faß.example"})
    void refusesWhatIsOdd(String entry) {
        var refusal = assertThrows(InvalidFunctionException.class, () -> AllowedHosts.parse(List.of(entry)));
        assertEquals("invalid_request", refusal.code());
        assertTrue(refusal.getMessage().startsWith("config.allowed_hosts has the entry '" + entry + "': "), refusal.getMessage());
    }

    @Test
    void readsBackWhatItWrites() {
        var hosts = AllowedHosts.parse(List.of("B.example.com.", "*.Example.com:8443", "[::1]:80", "b.example.com"));
        assertEquals(List.of("b.example.com", "*.example.com:8443", "[0:0:0:0:0:0:0:1]:80"), hosts.entries());
        assertEquals(hosts, AllowedHosts.parse(hosts.entries()));
    }

    @Test
    void takes100EntriesAndNoMore() {
        AllowedHosts.parse(Collections.nCopies(100, "example.com"));
        assertTrue(assertThrows(InvalidFunctionException.class, () -> AllowedHosts.parse(Collections.nCopies(101, "example.com")))
                .getMessage().contains("101 entries, allowed are 100"));
    }

    @Test
    void doesNotRepeatALongEntryInItsMessage() {
        var refusal = assertThrows(InvalidFunctionException.class, () -> AllowedHosts.parse(List.of("x".repeat(100_000))));
        assertTrue(refusal.getMessage().length() < 300);
    }
}
