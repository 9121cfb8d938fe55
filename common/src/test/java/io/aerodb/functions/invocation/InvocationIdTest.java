package io.aerodb.functions.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class InvocationIdTest {

    @Test
    void isAUuidOfVersion7WithItsTime() {
        var id = InvocationId.at(Instant.ofEpochMilli(0x017F22E279B0L)); // the example of RFC 9562, appendix A.6
        assertEquals(7, id.value().version());
        assertEquals(2, id.value().variant());
        assertTrue(id.toString().startsWith("017f22e2-79b0-7"), id.toString());
    }

    @Test
    void sortsByTime() {
        var earlier = InvocationId.at(Instant.ofEpochMilli(1_000_000)).toString();
        var later = InvocationId.at(Instant.ofEpochMilli(1_000_001)).toString();
        assertTrue(earlier.compareTo(later) < 0);
    }

    @Test
    void isNeverTheSameTwice() {
        var now = Instant.now();
        var seen = new HashSet<InvocationId>();
        for (var i = 0; i < 10_000; i++) {
            assertTrue(seen.add(InvocationId.at(now)));
        }
    }

    @Test
    void isAlwaysTheSameForTheSameSource() {
        var namespace = UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
        var id = InvocationId.named(namespace, "a", "bc");
        assertEquals(id, InvocationId.named(namespace, "a", "bc"));
        assertEquals(5, id.value().version());
        assertTrue(id.isNamed() && !InvocationId.at(Instant.EPOCH).isNamed());
        assertEquals(2, id.value().variant());
        assertNotEquals(id, InvocationId.named(namespace, "ab", "c"));
        assertNotEquals(id, InvocationId.named(new UUID(1, 2), "a", "bc"));
    }

    @Test
    void readsItsOwnTextAndNothingElse() {
        var id = InvocationId.at(Instant.now());
        assertEquals(Optional.of(id), InvocationId.parse(id.toString()));
        assertEquals(Optional.empty(), InvocationId.parse("1-2-3-4-5"));
        assertEquals(Optional.empty(), InvocationId.parse("not an id"));
    }
}
