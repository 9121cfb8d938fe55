package io.aerodb.functions.gateway.follow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.RecordPosition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RecentEntriesTest {

    private final RecentEntries recent = new RecentEntries(3, 100, new LogCursor(10, 20));

    @Test
    void givesWhatCameFromANumberOn() {
        var place = recent.end();
        add(0, 10, 1);
        add(1, 20, 1);
        assertEquals(List.of(10L, 20L), offsets(place.number(), 10));
        assertEquals(List.of(10L), offsets(place.number(), 1));
        assertEquals(List.of(), offsets(place.number() + 2, 10));
        assertEquals("10.20", place.cursor().toString(), "what was handed out does not move on");
        assertEquals("11.21", recent.end().cursor().toString());
    }

    @Test
    void forgetsTheFirstWhenItHasTooMany() {
        var place = recent.end();
        for (var i = 0; i < 4; i++) {
            add(0, 10 + i, 1);
        }
        assertEquals(Optional.empty(), recent.from(place.number(), 10));
        assertEquals(List.of(11L, 12L, 13L), offsets(place.number() + 1, 10));
        assertEquals("11.20", recent.begin().toString());
    }

    @Test
    void forgetsTheFirstWhenTheyAreTooLarge() {
        var place = recent.end();
        add(0, 10, 60);
        add(1, 20, 60);
        assertEquals(List.of(20L), offsets(place.number() + 1, 10));
        add(1, 21, 101);
        assertEquals(List.of(), offsets(place.number() + 3, 10), "one that is too large by itself is not kept");
        assertEquals("11.22", recent.begin().toString());
    }

    @Test
    void findsThePlaceBehindACursorWhileItRemembersAllOfThat() {
        for (var i = 0; i < 4; i++) {
            add(0, 10 + i, 1);
        }
        assertEquals(Optional.empty(), recent.after(new LogCursor(10, 20)));
        assertEquals(Optional.empty(), recent.after(new LogCursor(14, 19)));
        var place = recent.after(new LogCursor(12, 20)).orElseThrow();
        assertEquals(List.of(11L, 12L, 13L), offsets(place.number(), 10), "the cursor tells what of that is known");
        assertTrue(recent.after(new LogCursor(99, 99)).isPresent());
    }

    private void add(int partition, long offset, int bytes) {
        recent.add(new Told(partition, offset, entry()), bytes);
    }

    private List<Long> offsets(long number, int most) {
        return recent.from(number, most).orElseThrow().stream().map(Told::offset).toList();
    }

    private static InvocationEntry entry() {
        var now = Instant.EPOCH;
        return new InvocationEntry(new UUID(1, 2), new UUID(3, 4), "hello", 1, "http", "succeeded", null, null, "anon", null, null, 1, now, now, now,
                1, 1, 1, List.of(), false, new RecordPosition("functions.invoke", 0, 0), "worker-1");
    }
}
