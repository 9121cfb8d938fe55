package io.aerodb.functions.gateway.follow;

import io.aerodb.functions.gateway.follow.RecentEntries.Place;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Context;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One who follows: takes what it wants of what the gateway remembers, or else of the backlog, and never more than its client reads.
 * To be used on the event loop of its request.
 */
final class Follower {

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /** Entries that are looked at before others get their turn on the event loop. */
    private static final int BATCH = 100;
    private static final long IN_BACKLOG = -1;

    /**
     * What all followers of a gateway have in common.
     *
     * @param heartbeat after how long without an event the client hears that the stream is alive
     * @param longestStream how long a stream lasts at most: its token may be over by then
     * @param longestStandstill how long a client may read nothing while there is something to read
     */
    record Rules(Backlog backlog, WorkerExecutor backlogThreads, Duration heartbeat, Duration longestStream, Duration longestStandstill) {}

    private final Rules rules;
    private final EntryFilter filter;
    private final EventStream stream;
    private final Context loop;
    private final BooleanSupplier functionExists;
    private final Runnable onEnd;
    private final RecentEntries recent;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final long startedAt = System.nanoTime();
    private LogCursor cursor;
    /** Of the next entry in what is remembered. */
    private long number;
    private boolean readsBacklog;
    private boolean ended;

    /**
     * @param place where to begin; its number is negative if the entries behind its cursor are no longer remembered
     * @param onEnd called once, when nothing will be written any more
     */
    Follower(Rules rules, EntryFilter filter, EventStream stream, Context loop, RecentEntries recent, Place place,
            BooleanSupplier functionExists, Runnable onEnd) {
        this.rules = rules;
        this.filter = filter;
        this.stream = stream;
        this.loop = loop;
        this.recent = recent;
        this.number = place.number();
        this.cursor = place.cursor();
        this.functionExists = functionExists;
        this.onEnd = onEnd;
    }

    static Place place(RecentEntries recent, LogCursor cursor) {
        return recent.after(cursor).orElseGet(() -> new Place(IN_BACKLOG, cursor));
    }

    void begin() {
        stream.begin(cursor, this::goOn);
        goOn();
    }

    /** There is something new. From any thread. */
    void wake() {
        if (woken.compareAndSet(false, true)) {
            loop.runOnContext(_ -> {
                woken.set(false);
                goOn();
            });
        }
    }

    /** To be called every now and then. */
    void look() {
        if (ended) {
            return;
        }
        if (!functionExists.getAsBoolean()) {
            goOn();
            end(StreamEnd.FUNCTION_DELETED);
        } else if (stream.isFull() && stream.nanosSinceWrite() > rules.longestStandstill().toNanos()) {
            end(StreamEnd.TOO_SLOW);
        } else if (System.nanoTime() - startedAt > rules.longestStream().toNanos()) {
            end(StreamEnd.OUT_OF_TIME);
        } else if (!stream.isFull() && stream.nanosSinceWrite() > rules.heartbeat().toNanos()) {
            stream.heartbeat(cursor);
        }
    }

    private void goOn() {
        if (ended || readsBacklog) {
            return;
        }
        if (number == IN_BACKLOG) {
            readBacklog();
            return;
        }
        var found = recent.from(number, BATCH);
        if (found.isEmpty()) {
            end(StreamEnd.TOO_SLOW);
            return;
        }
        for (var told : found.get()) {
            if (stream.isFull()) {
                return; // until the client has read
            }
            number++;
            if (cursor.pass(told.partition(), told.offset()) && filter.test(told.entry())) {
                stream.invocation(cursor, told);
            }
        }
        if (found.get().size() == BATCH) {
            wake();
        }
    }

    private void readBacklog() {
        if (stream.isFull()) {
            return;
        }
        readsBacklog = true;
        var from = cursor.copy();
        rules.backlogThreads().executeBlocking(() -> rules.backlog().read(from, recent.begin(), filter), false)
                .onSuccess(this::take)
                .onFailure(failure -> {
                    if (!(failure instanceof UnavailableException)) {
                        LOG.atError().setCause(failure).log("reading the outcome log for one who came back broke");
                    }
                    end(StreamEnd.UNAVAILABLE);
                });
    }

    private void take(Backlog.Piece piece) {
        readsBacklog = false;
        if (ended) {
            return;
        }
        for (var told : piece.entries()) {
            cursor.pass(told.partition(), told.offset());
            stream.invocation(cursor, told);
        }
        cursor = piece.reached();
        number = place(recent, cursor).number();
        wake();
    }

    void end(StreamEnd end) {
        if (!ended) {
            stream.end(cursor, end);
            close();
        }
    }

    /** Without a word, because the client has gone. */
    void close() {
        if (!ended) {
            ended = true;
            onEnd.run();
        }
    }
}
