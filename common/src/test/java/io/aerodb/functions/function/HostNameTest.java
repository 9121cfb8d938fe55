package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNameTest {

    @ParameterizedTest
    @CsvSource({"example.com,example.com", "EXAMPLE.Com,example.com", "example.com.,example.com", "localhost,localhost", "a-b.c,a-b.c",
        "münchen.example,xn--mnchen-3ya.example", "MÜNCHEN.example,xn--mnchen-3ya.example", "xn--mnchen-3ya.example,xn--mnchen-3ya.example",
        "ｅｘａｍｐｌｅ.com,example.com", "example。com,example.com", "1.2.3.4,1.2.3.4", "255.255.255.255,255.255.255.255", "1password.com,1password.com",
        "[::1],[0:0:0:0:0:0:0:1]", "[2001:DB8::A],[2001:db8:0:0:0:0:0:a]", "[2001:db8:0:0:0:0:0:a],[2001:db8:0:0:0:0:0:a]",
        "[::127.0.0.1],[0:0:0:0:0:0:7f00:1]"})
    void hasOneFormForAllSpellings(String written, String canonical) {
        assertEquals(canonical, HostName.parse(written).orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", ".example.com", "example..com", "example.com..", "-a.com", "a-.com", "a_b.com", "a b.com", "a%2eb.com",
        "127.0.0.1%00.example.com", "%31%32%37.0.0.1", "a\u0000.com", "a\n.com", "a@b.com", "a/b", "a\\b", "a?b", "a#b", "*.example.com", "example.com:443",
        "2130706433", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "0X7F.0.0.1", "127.0.0.0x1", "0177.0.0.1", "127.0.0.01", "127.0.0.1.", "256.0.0.1",
        "1.2.3.4.5", "1.2.3", "a.b.1", "a.0x", "１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1", "0",
        "::1", "[::1", "::1]", "[]", "[:]", "[::1%lo]", "[::1%251]", "[fe80::1%eth0]", "[1.2.3.4]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:8.8.8.8]",
        "[1:2:3:4:5:6:7]", "[1::2::3]", "[g::1]", "[::1]x", "faß.example", "a\u200db.example", "ς.example", "xn--a.example\u0000"})
    void isNothingThatTwoProgramsCouldReadInTwoWays(String written) {
        assertEquals(Optional.empty(), HostName.parse(written).map(HostName::toString));
    }

    @Test
    void knowsWhichHostsAreAddresses() {
        assertEquals("1.2.3.4", HostName.parse("1.2.3.4").orElseThrow().literal().orElseThrow().getHostAddress());
        assertTrue(HostName.parse("[2001:db8::1]").orElseThrow().literal().isPresent());
        assertTrue(HostName.parse("example.com").orElseThrow().literal().isEmpty());
    }

    @Test
    void takesTheLongestNameAndNoLongerOne() {
        var longest = ("a".repeat(63) + ".").repeat(3) + "b".repeat(61);
        assertEquals(253, longest.length());
        assertTrue(HostName.parse(longest).isPresent());
        assertTrue(HostName.parse(longest + ".").isPresent());
        assertTrue(HostName.parse(longest + "b").isEmpty());
        assertTrue(HostName.parse("a".repeat(64) + ".com").isEmpty());
        assertTrue(HostName.parse("a.".repeat(500_000)).isEmpty());
    }
}
