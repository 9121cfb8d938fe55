package io.aerodb.functions.gateway.follow;

import io.aerodb.functions.gateway.follow.RecentEntries.Place;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.kafka.Kafka;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** All who follow invocations on one gateway, and what they share. Thread-safe. */
public final class Followers implements AutoCloseable {

    private static final int BACKLOG_READERS = 2;
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final Duration LONGEST_STREAM = Duration.ofHours(1);
    private static final Duration LONGEST_STANDSTILL = Duration.ofMinutes(1);
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final int RETRY_SECONDS = 10;

    private final int max;
    private final int maxPerCaller;
    private final OutcomeTail tail;
    private final Backlog backlog;
    private final Follower.Rules rules;
    private final Set<Seat> seats = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> callers = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * @param partitions of the outcome log
     * @param max who follow at once
     * @param maxPerCaller of these, those of one caller
     */
    public Followers(Kafka kafka, int partitions, int max, int maxPerCaller, Vertx vertx, MeterRegistry metrics) {
        this.max = max;
        this.maxPerCaller = maxPerCaller;
        this.tail = new OutcomeTail(kafka, partitions);
        this.backlog = new Backlog(kafka, BACKLOG_READERS);
        this.rules = new Follower.Rules( // no more wait for these threads than have a seat
                backlog, vertx.createSharedWorkerExecutor("backlog", BACKLOG_READERS), HEARTBEAT, LONGEST_STREAM, LONGEST_STANDSTILL);
        Gauge.builder("gateway.followers", seats, Set::size).description("Streams of events that are open").register(metrics);
    }

    public void start() {
        tail.start();
    }

    /** @param header null for none @throws ProblemException 400 if it is no cursor of ours */
    Optional<LogCursor> cursor(@Nullable String header) {
        if (header == null || header.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(LogCursor.parse(header, tail.partitions()).orElseThrow(() -> new ProblemException(
                Problem.invalidRequest("the header Last-Event-ID is not the id of an event that a gateway of this platform sent"))));
    }

    /** Whoever gets a seat has to see that it is left. @throws ProblemException 429 if there is none, 503 while stopping */
    Seat admit(String caller) {
        if (closed) {
            throw new ProblemException(Problem.unavailable(StreamEnd.STOPPING.detail()));
        }
        var seat = new Seat(caller);
        var taken = callers.merge(caller, 1, Integer::sum);
        seats.add(seat);
        if (seats.size() > max || taken > maxPerCaller) {
            seat.leave();
            throw new ProblemException(Problem.tooManyRequests(taken > maxPerCaller
                    ? "you follow as many streams as one caller may on a gateway; close one"
                    : "as many follow on this gateway as may; try again").retryAfter(RETRY_SECONDS));
        }
        return seat;
    }

    /** Tells all who follow to come back later, to another gateway. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        seats.forEach(Seat::stop);
        var end = System.nanoTime() + FAREWELL.toNanos();
        while (!seats.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        tail.close();
        backlog.close();
    }

    /** Where a stream begins. */
    record Opening(RecentEntries recent, Place place) {}

    /** The right to one stream. */
    final class Seat {

        private final String caller;
        private final Runnable wake = this::wake;
        private volatile @Nullable Follower follower;
        private volatile @Nullable Runnable stop;

        Seat(String caller) {
            this.caller = caller;
        }

        /**
         * Blocks until nothing that is told from now on can be missed.
         *
         * @param resumed where another stream ended; empty to begin now
         * @throws io.aerodb.functions.lifecycle.UnavailableException if Kafka is away
         */
        Opening open(Optional<LogCursor> resumed) {
            var recent = tail.join(wake);
            return new Opening(recent, resumed
                    .map(cursor -> recent.end().cursor().reaches(cursor) ? cursor : backlog.withinLog(cursor))
                    .map(cursor -> Follower.place(recent, cursor))
                    .orElseGet(recent::end));
        }

        /** On the event loop of the request. @param functionExists whether what is followed is still there */
        void begin(RoutingContext context, Opening opening, EntryFilter filter, BooleanSupplier functionExists) {
            if (context.response().closed()) {
                leave();
                return;
            }
            var vertx = context.vertx();
            var loop = vertx.getOrCreateContext();
            var timer = new long[1];
            var following = new Follower(rules, filter, new EventStream(context), loop, opening.recent(), opening.place(), functionExists, () -> {
                vertx.cancelTimer(timer[0]);
                leave();
            });
            timer[0] = vertx.setPeriodic(LOOK_INTERVAL.toMillis(), _ -> following.look());
            context.response().closeHandler(_ -> following.close());
            follower = following;
            stop = () -> loop.runOnContext(_ -> following.end(StreamEnd.STOPPING));
            following.begin();
            if (closed) {
                following.end(StreamEnd.STOPPING);
            }
        }

        private void wake() {
            var following = follower;
            if (following != null) {
                following.wake();
            }
        }

        private void stop() {
            var stopping = stop;
            if (stopping != null) {
                stopping.run();
            }
        }

        /** More than once does no harm. */
        void leave() {
            tail.leave(wake);
            if (seats.remove(this)) {
                callers.computeIfPresent(caller, (_, taken) -> taken == 1 ? null : taken - 1);
            }
        }
    }
}
