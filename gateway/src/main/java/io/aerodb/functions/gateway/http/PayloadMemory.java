package io.aerodb.functions.gateway.http;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How much the payloads that are held at once may take. A payload is counted by what has come of it, so that those who announce much
 * and send it slowly keep nobody else out. Thread-safe.
 */
public final class PayloadMemory {

    private final long maxBytes;
    private final @Nullable PayloadMemory whole;
    private final Runnable onRefusal;
    private final AtomicLong used = new AtomicLong();

    /** @param onRefusal told of each payload that found no room */
    public PayloadMemory(long maxBytes, Runnable onRefusal) {
        this(maxBytes, null, onRefusal);
    }

    private PayloadMemory(long maxBytes, @Nullable PayloadMemory whole, Runnable onRefusal) {
        this.maxBytes = maxBytes;
        this.whole = whole;
        this.onRefusal = onRefusal;
    }

    /** Some of this memory, for payloads that may take so much of it and no more. */
    public PayloadMemory part(long mostBytes) {
        return new PayloadMemory(mostBytes, this, onRefusal);
    }

    /** What one payload takes. */
    public final class Share {

        private final AtomicLong taken = new AtomicLong();

        private Share() {}

        /** @return whether there was room for so much more */
        boolean add(int bytes) {
            if (!take(bytes)) {
                return false;
            }
            taken.addAndGet(bytes);
            return true;
        }

        /** Gives everything back; once more is nothing. Nothing is added after it. */
        public void release() {
            giveBack(taken.getAndSet(0));
        }
    }

    /** Nothing yet. */
    Share share() {
        return new Share();
    }

    /**
     * Room for a payload that is there already.
     *
     * @throws ProblemException 429 if there is none
     */
    public Share hold(int bytes) {
        var share = share();
        if (!share.add(bytes)) {
            throw refusal();
        }
        return share;
    }

    boolean hasRoomFor(long bytes) {
        return used.get() + bytes <= maxBytes && (whole == null || whole.hasRoomFor(bytes));
    }

    /** What a payload that finds no room is answered with; tells that there was one. */
    ProblemException refusal() {
        onRefusal.run();
        return new ProblemException(Problem.tooManyRequests("the payloads that are held take as much memory as they may; try again"));
    }

    private boolean take(int bytes) {
        if (used.addAndGet(bytes) <= maxBytes && (whole == null || whole.take(bytes))) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    private void giveBack(long bytes) {
        used.addAndGet(-bytes);
        if (whole != null) {
            whole.giveBack(bytes);
        }
    }

    /** Bytes that are taken now. */
    public long used() {
        return used.get();
    }
}
