package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.worker.wasm.GuestThreads;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The places where a lane's functions run, handed out by turns over functions, and what waits for them. What has expired needs no slot
 * of a function: it goes past the others, on few threads of its own. Threads are made when they are needed and let go when they have
 * been idle for a while. Thread-safe.
 */
final class Slots implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Slots.class);
    private static final int EXPIRED_AT_ONCE = 4;
    /** Their stacks stay in memory as deep as they were used, so they go soon; making one takes less than a tenth of a millisecond. */
    private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(10);

    private final int count;
    private final Clock clock;
    private final Consumer<LaneRecord> body;
    private final ThreadPoolExecutor threads;
    private final FairQueue<Optional<FunctionName>, LaneRecord> waiting;
    private final Deque<LaneRecord> expired = new ArrayDeque<>();
    private int busy;
    private int busyWithExpired;
    private boolean closed;

    private record Turn(LaneRecord record, boolean pastTheOthers) {}

    /**
     * @param count functions that run at once
     * @param perFunction how many of them may be the same one
     * @param limit how many runs of a function there may be besides that; asked often, and must not block
     * @param body what to do with a record in its slot
     */
    Slots(int count, int perFunction, ToIntFunction<FunctionName> limit, Clock clock, Consumer<LaneRecord> body) {
        this.count = count;
        this.clock = clock;
        this.body = body;
        this.waiting = new FairQueue<>(name -> Math.min(perFunction, name.map(limit::applyAsInt).orElse(perFunction)));
        // the thread that was idle last goes on first, so that those which are not needed age; Slots itself bounds how many there are
        this.threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_THREAD_LIFE.toSeconds(), TimeUnit.SECONDS,
                new SynchronousQueue<>(), new GuestThreads(), new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Has the record in a slot as soon as it is its turn. */
    void submit(LaneRecord record) {
        synchronized (this) {
            if (record.isExpired(clock.instant())) {
                expired.addLast(record);
            } else {
                waiting.offer(record.function(), record);
            }
        }
        fill();
    }

    /** Lets what has expired meanwhile pass the others, and fills slots that are free because a limit was raised. */
    void review() {
        synchronized (this) {
            var now = clock.instant();
            expired.addAll(waiting.removeIf(record -> record.isExpired(now)));
        }
        fill();
    }

    /** Takes out what waits and fits. */
    synchronized List<LaneRecord> removeIf(Predicate<LaneRecord> fits) {
        var removed = waiting.removeIf(fits);
        expired.removeIf(record -> fits.test(record) && removed.add(record));
        return removed;
    }

    synchronized int busy() {
        return busy + busyWithExpired;
    }

    synchronized int queued() {
        return waiting.size() + expired.size();
    }

    private void fill() {
        for (var turn = next(); turn.isPresent(); turn = next()) {
            var first = turn.get();
            try {
                threads.execute(() -> runFrom(first));
            } catch (OutOfMemoryError e) {
                putBack(first);
                LOG.atWarn().addKeyValue("running", busy()).log("no more threads can be made, requests wait for those there are: {}", e.getMessage());
                return;
            }
        }
    }

    private void runFrom(Turn first) {
        for (var turn = Optional.of(first); turn.isPresent(); turn = next()) {
            try {
                body.accept(turn.get().record());
            } finally {
                ended(turn.get());
            }
        }
    }

    private synchronized Optional<Turn> next() {
        if (closed) {
            return Optional.empty();
        }
        if (busyWithExpired < EXPIRED_AT_ONCE && !expired.isEmpty()) {
            busyWithExpired++;
            return Optional.of(new Turn(expired.removeFirst(), true));
        }
        if (busy < count) {
            var record = waiting.poll();
            if (record.isPresent()) {
                busy++;
            }
            return record.map(its -> new Turn(its, false));
        }
        return Optional.empty();
    }

    private synchronized void putBack(Turn turn) {
        if (turn.pastTheOthers()) {
            busyWithExpired--;
            expired.addFirst(turn.record());
        } else {
            busy--;
            waiting.putBack(turn.record().function(), turn.record());
        }
    }

    private synchronized void ended(Turn turn) {
        if (turn.pastTheOthers()) {
            busyWithExpired--;
        } else {
            busy--;
            waiting.back(turn.record().function());
        }
    }

    /** Starts nothing more and interrupts what runs. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        threads.shutdownNow();
    }
}
