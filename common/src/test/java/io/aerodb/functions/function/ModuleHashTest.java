package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ModuleHashTest {

    @Test
    void isTheSha256OfTheBytes() {
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", // FIPS 180-2, appendix B.1
                ModuleHash.of("abc".getBytes(StandardCharsets.US_ASCII)).hex());
    }

    @Test
    void tellsBytesThatDoNotFit() {
        var hash = ModuleHash.of(new byte[] {1, 2, 3});
        assertTrue(hash.matches(new byte[] {1, 2, 3}));
        assertFalse(hash.matches(new byte[] {1, 2, 4}));
    }

    @Test
    void acceptsNoOtherText() {
        assertThrows(IllegalArgumentException.class, () -> new ModuleHash("abc"));
        assertThrows(IllegalArgumentException.class, () -> new ModuleHash("Z".repeat(64)));
    }
}
