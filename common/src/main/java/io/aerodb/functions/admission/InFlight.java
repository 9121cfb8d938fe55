package io.aerodb.functions.admission;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How much goes on at once under each key. A key under which nothing goes on takes no memory. Thread-safe; never blocks. */
public final class InFlight<K> {

    private final ConcurrentMap<K, Integer> counts = new ConcurrentHashMap<>();

    /** @return whether there were fewer than {@code limit}, at least 1; then {@link #leave} must be called once */
    public boolean tryEnter(K key, int limit) {
        while (true) {
            var count = counts.get(key);
            if (count == null) {
                if (counts.putIfAbsent(key, 1) == null) {
                    return true;
                }
            } else if (count >= limit) {
                return false;
            } else if (counts.replace(key, count, count + 1)) {
                return true;
            }
        }
    }

    public void leave(K key) {
        counts.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
    }

    int count(K key) {
        return counts.getOrDefault(key, 0);
    }

    /** How many keys take memory. */
    int keys() {
        return counts.size();
    }
}
