package io.aerodb.functions.gateway.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much the payloads that are held at once may take. A payload is counted by what has come of it, so that those who announce much
 * and send it slowly keep nobody else out. Thread-safe.
 */
public final class PayloadMemory {

    private final long maxBytes;
    private final Runnable onRefusal;
    private final AtomicLong used = new AtomicLong();

    /** @param onRefusal told of each payload that found no room */
    public PayloadMemory(long maxBytes, Runnable onRefusal) {
        this.maxBytes = maxBytes;
        this.onRefusal = onRefusal;
    }

    /** What one payload takes. */
    public final class Share {

        private final AtomicLong taken = new AtomicLong();

        private Share() {}

        /** @return whether there was room for so much more */
        boolean add(int bytes) {
            if (used.addAndGet(bytes) > maxBytes) {
                used.addAndGet(-bytes);
                return false;
            }
            taken.addAndGet(bytes);
            return true;
        }

        /** Gives everything back; once more is nothing. Nothing is added after it. */
        public void release() {
            used.addAndGet(-taken.getAndSet(0));
        }
    }

    /** Nothing yet. */
    Share share() {
        return new Share();
    }

    boolean hasRoomFor(long bytes) {
        return used.get() + bytes <= maxBytes;
    }

    void refused() {
        onRefusal.run();
    }

    /** Bytes that are taken now. */
    public long used() {
        return used.get();
    }
}
