package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.aerodb.functions.kafka.RecordKeys.RecordKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class ContentSealTest {

    private static final byte[] CONTENT = {1, 2, 3};

    private final ContentSeal seal = new ContentSeal(keys("k1"), "test");
    private final byte[] sealed = seal.seal(CONTENT);

    @Test
    void opensWhatItSealed() {
        var opened = new byte[CONTENT.length];
        seal.open(sealed).orElseThrow().get(opened);
        assertArrayEquals(CONTENT, opened);
        assertEquals(Optional.of(0), seal.open(seal.seal(new byte[0])).map(ByteBuffer::remaining));
    }

    @Test
    void opensNothingThatWasChangedOrCutOff() {
        for (var i = 0; i < sealed.length; i++) {
            var changed = sealed.clone();
            changed[i] ^= 0x40;
            assertFalse(seal.open(changed).isPresent(), "byte " + i);
            assertFalse(seal.open(Arrays.copyOf(sealed, i)).isPresent(), "cut to " + i);
        }
    }

    @Test
    void opensUnderEveryKeyAndSealsUnderTheFirst() {
        assertFalse(new ContentSeal(keys("k2"), "test").open(sealed).isPresent());
        var both = new ContentSeal(keys("k2", "k1"), "test");
        assertEquals(Optional.of(3), both.open(sealed).map(ByteBuffer::remaining));
        assertFalse(seal.open(both.seal(CONTENT)).isPresent());
    }

    @Test
    void opensNothingThatWasSealedForAnotherPurpose() {
        assertFalse(new ContentSeal(keys("k1"), "other").open(sealed).isPresent());
    }

    private static RecordKeys keys(String... ids) {
        return new RecordKeys(Stream.of(ids)
                .map(id -> new RecordKey(id, new SecretKeySpec(Arrays.copyOf(id.getBytes(), 32), "HmacSHA256")))
                .toList());
    }
}
