package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FairQueueTest {

    private final Map<String, Integer> limits = new HashMap<>();
    private final FairQueue<String, String> queue = new FairQueue<>(owner -> limits.getOrDefault(owner, 100));

    @Test
    void givesEachOwnerItsTurnAndKeepsTheOrderOfEach() {
        offer("a", "a1", "a2", "a3");
        offer("b", "b1");
        offer("c", "c1", "c2");
        assertEquals(List.of("a1", "b1", "c1", "a2", "c2", "a3"), drain());
        assertEquals(0, queue.size());
    }

    @Test
    void givesAnOwnerThatComesLaterItsTurnBeforeTheRestOfTheOthers() {
        offer("a", "a1", "a2", "a3");
        assertEquals(Optional.of("a1"), queue.poll());
        offer("b", "b1");
        assertEquals(List.of("a2", "b1", "a3"), drain());
    }

    @Test
    void passesOverAnOwnerAtItsLimitUntilOneIsBack() {
        limits.put("a", 2);
        offer("a", "a1", "a2", "a3", "a4");
        offer("b", "b1", "b2", "b3");
        assertEquals(List.of("a1", "b1", "a2", "b2", "b3"), drain());
        assertEquals(2, queue.size());
        queue.back("a");
        assertEquals(List.of("a3"), drain());
        queue.back("a");
        assertEquals(List.of("a4"), drain());
    }

    @Test
    void followsALimitThatChanges() {
        limits.put("a", 1);
        offer("a", "a1", "a2", "a3");
        assertEquals(List.of("a1"), drain());
        limits.put("a", 2);
        assertEquals(List.of("a2"), drain());
        limits.put("a", 1);
        queue.back("a");
        assertEquals(List.of(), drain());
        queue.back("a");
        assertEquals(List.of("a3"), drain());
    }

    @Test
    void takesATurnBackAsIfItHadNotBeenGiven() {
        limits.put("a", 1);
        offer("a", "a1", "a2");
        offer("b", "b1");
        assertEquals(Optional.of("a1"), queue.poll());
        queue.putBack("a", "a1");
        assertEquals(3, queue.size());
        assertEquals(List.of("a1", "b1"), drain());
        queue.back("a");
        assertEquals(List.of("a2"), drain());
    }

    @Test
    void takesTheLastOneOfAnOwnerBackToo() {
        offer("a", "a1");
        queue.poll();
        queue.putBack("a", "a1");
        assertEquals(List.of("a1"), drain());
    }

    @Test
    void givesOutNothingThatWasRemoved() {
        offer("a", "a1", "a2", "a3");
        offer("b", "b1");
        assertEquals(List.of("a1", "a3", "b1"), queue.removeIf(thing -> !thing.equals("a2")));
        assertEquals(1, queue.size());
        assertEquals(List.of("a2"), drain());
    }

    private void offer(String owner, String... things) {
        for (var thing : things) {
            queue.offer(owner, thing);
        }
    }

    private List<String> drain() {
        var all = new ArrayList<String>();
        for (var next = queue.poll(); next.isPresent(); next = queue.poll()) {
            all.add(next.get());
        }
        return all;
    }
}
