package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Settings;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordSealTest {

    private static final String KEY = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private static final byte[] PAYLOAD = bytes("payload");

    private final RecordSeal seal = new RecordSeal(RecordKeys.read(Settings.of("gateway", Map.of("AEROFN_RECORD_KEYS", KEY))));

    @Test
    void holdsForWhatWasSealed() {
        var attributes = attributes("a", "1", "b", "2");
        assertTrue(seal.verify(seal.seal(attributes, PAYLOAD), attributes, PAYLOAD));
        assertTrue(seal.verify(seal.seal(attributes(), new byte[0]), attributes(), new byte[0]));
    }

    @Test
    void namesItsKey() {
        assertTrue(seal.seal(attributes(), PAYLOAD).matches("k1:[A-Za-z0-9_-]{43}"));
    }

    @Test
    void isTheSameForTheSameContentInAnyOrder() {
        assertEquals(seal.seal(attributes("a", "1", "b", "2"), PAYLOAD), seal.seal(attributes("b", "2", "a", "1"), PAYLOAD));
    }

    @Test
    void tellsContentsApartWhoseBytesInARowAreTheSame() {
        var sealed = seal.seal(attributes("ab", "cd", "ef", "gh"), bytes("ij"));
        assertNotEquals(sealed, seal.seal(attributes("a", "bcd", "ef", "gh"), bytes("ij")));
        assertNotEquals(sealed, seal.seal(attributes("abc", "d", "ef", "gh"), bytes("ij")));
        assertNotEquals(sealed, seal.seal(attributes("ab", "cdef", "gh", ""), bytes("ij")));
        assertNotEquals(sealed, seal.seal(attributes("ab", "cd", "ef", "g"), bytes("hij")));
        assertNotEquals(sealed, seal.seal(attributes("ab", "cd"), bytes("efghij")));
        assertNotEquals(seal.seal(attributes("a", ""), bytes("")), seal.seal(attributes("", "a"), bytes("")));
    }

    @Test
    void doesNotHoldForAnotherPayloadOrAttribute() {
        var attributes = attributes("a", "1");
        var sealed = seal.seal(attributes, PAYLOAD);
        assertFalse(seal.verify(sealed, attributes, bytes("payloae")));
        assertFalse(seal.verify(sealed, attributes, new byte[0]));
        assertFalse(seal.verify(sealed, attributes("a", "2"), PAYLOAD));
        assertFalse(seal.verify(sealed, attributes("a", "1", "b", ""), PAYLOAD));
        assertFalse(seal.verify(sealed, attributes(), PAYLOAD));
    }

    @Test
    void doesNotHoldCutShortOrLengthened() {
        var sealed = seal.seal(attributes(), PAYLOAD);
        for (var end = 0; end < sealed.length(); end++) {
            assertFalse(seal.verify(sealed.substring(0, end), attributes(), PAYLOAD), sealed.substring(0, end));
        }
        assertFalse(seal.verify(sealed + "AAAA", attributes(), PAYLOAD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "k1", "k1:", ":AAAA", "k2:AAAA", "k1:not base64!", "k1:\u0000", "K1:AAAA", "k1::"})
    void doesNotHoldAsNoise(String noise) {
        assertFalse(seal.verify(noise, attributes(), PAYLOAD));
    }

    @Test
    void doesNotHoldUnderTheNameOfAKeyThatIsUnknown() {
        var sealed = seal.seal(attributes(), PAYLOAD);
        assertFalse(seal.verify(sealed.replaceFirst("k1:", "k9:"), attributes(), PAYLOAD));
    }

    private static SortedMap<String, byte[]> attributes(String... namesAndValues) {
        var attributes = new TreeMap<String, byte[]>();
        for (var i = 0; i < namesAndValues.length; i += 2) {
            attributes.put(namesAndValues[i], bytes(namesAndValues[i + 1]));
        }
        return attributes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
