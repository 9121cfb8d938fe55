package io.aerodb.functions.scheduler.schedule;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.metrics.Histograms;
import io.aerodb.functions.scheduler.batch.Lag;
import io.aerodb.functions.scheduler.batch.Sends;
import io.aerodb.functions.scheduler.batch.Transactions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the fires of schedules on the events lane: first of those that are in time, the longest due first, then of those that are behind,
 * as after an outage, few of each at once, so that however many there are nobody else is late. A schedule moves on when Kafka has its fires, in the
 * transaction that holds its row; a crash in between sends them again, with the same ids, and workers' claims tell that. For one
 * thread, but any number of schedulers.
 */
public final class ScheduleFires {

    private static final Logger LOG = LoggerFactory.getLogger(ScheduleFires.class);
    /** How late something can be noticed that became due after the last look. */
    private static final Duration POLL = Duration.ofMillis(100);
    /** Everything due is in the hands of other schedulers. */
    private static final Duration TAKEN_PAUSE = Duration.ofMillis(20);
    /** For a schedule that cannot be fired now, perhaps by a newer scheduler. */
    private static final Duration PUT_OFF = Duration.ofSeconds(5);
    /** What has been due for longer is behind. */
    private static final Duration IN_TIME = Duration.ofSeconds(10);
    /** What is behind gets all that is left over of a batch, and one part of so many in any case. */
    private static final int LEAST_SHARE = 10;
    /** So many times in one those go first that have been due the longest, whatever they have missed. */
    private static final int OLDEST_SHARE = 4;

    private final String scheduler;
    private final ScheduleStore store;
    private final Transactions transactions;
    private final RequestCodec codec;
    private final Producer<byte[], byte[]> producer;
    private final BooleanSupplier kafkaIsThere;
    private final int batch;
    private final Clock clock;
    private final Schedules schedules = new Schedules();
    private final Lag lag = new Lag(System::nanoTime);
    private final Timer lags;
    private final Counter skipped;
    private final Counter missed;
    private int looksBehind;

    private record Step(int rows, Optional<UnavailableException> failure) {}

    /**
     * @param scheduler this instance's name
     * @param kafkaIsThere while it is not, no rows are held
     * @param batch schedules taken at once
     * @param clock says what is due
     */
    public ScheduleFires(String scheduler, Database database, RequestCodec codec, Producer<byte[], byte[]> producer, BooleanSupplier kafkaIsThere, int batch,
            MeterRegistry metrics, Clock clock) {
        this.scheduler = scheduler;
        this.store = new ScheduleStore(database);
        this.transactions = new Transactions(database);
        this.codec = codec;
        this.producer = producer;
        this.kafkaIsThere = kafkaIsThere;
        this.batch = batch;
        this.clock = clock;
        this.lags = Histograms.ofTimes("scheduler.fire.lag", "From when a schedule's fire was due to when it was on the events lane")
                .register(metrics);
        this.skipped = Counter.builder("scheduler.fire.skipped").description("Fires that did not take place because the one before was under way")
                .register(metrics);
        this.missed = Counter.builder("scheduler.fire.missed").description("Times that a schedule did not make up for everything it had missed")
                .register(metrics);
        TimeGauge.builder("scheduler.fire.overdue", lag, TimeUnit.NANOSECONDS, seen -> seen.now().toNanos())
                .description("How long the oldest fire that is not yet on the events lane has been due").register(metrics);
    }

    /** How long the oldest fire has been due; grows while PostgreSQL cannot be asked. */
    public Duration lag() {
        return lag.now();
    }

    /**
     * Fires a batch of schedules, if any are due.
     *
     * @return until when nothing can be late
     * @throws UnavailableException if Kafka or PostgreSQL is away; what was not sent stays due
     */
    public Duration fire() {
        var first = store.firstDue();
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var late = first.map(due -> Duration.between(due, now)).orElse(POLL.negated());
        if (late.isNegative()) {
            var wait = late.negated().compareTo(POLL) < 0 ? late.negated() : POLL;
            lag.seen(wait.negated());
            return wait;
        }
        lag.seen(late);
        if (!kafkaIsThere.getAsBoolean()) {
            throw new UnavailableException("kafka", "kafka does not answer");
        }
        var done = transactions.run(connection -> fire(connection, now, late.compareTo(IN_TIME) >= 0));
        if (done.failure().isPresent()) {
            throw done.failure().get();
        }
        return done.rows() == 0 ? TAKEN_PAUSE : Duration.ZERO;
    }

    /** @param areBehind whether some are */
    private Step fire(Connection connection, Instant now, boolean areBehind) throws SQLException {
        var startedAt = System.nanoTime();
        var sends = new Sends(producer);
        var fires = new FireBatch(scheduler, sends, codec, now);
        var putOff = new ArrayList<DueSchedule>();
        var rows = add(ScheduleStore.takeInTime(connection, now, now.minus(IN_TIME), batch), fires, Integer.MAX_VALUE, putOff);
        if (areBehind) {
            var room = Math.max(batch - fires.size(), batch / LEAST_SHARE + 1);
            var behind = ++looksBehind % OLDEST_SHARE == 0
                    ? ScheduleStore.takeOldest(connection, now, now.minus(IN_TIME), room)
                    : ScheduleStore.takeBehind(connection, now, now.minus(IN_TIME), room);
            rows += add(behind, fires, fires.size() + room, putOff);
        }
        var settled = new ArrayList<SettledSchedule>();
        for (var fired : fires.awaitTaken()) {
            settled.add(fired.settled());
            fired.late().forEach(late -> lags.record(late.plusNanos(System.nanoTime() - startedAt)));
        }
        fires.refused().forEach(each -> LOG.atError().addKeyValue("schedule", each.id()).addKeyValue("function", each.function().name())
                .log("Kafka refuses a fire of a schedule, will try again"));
        putOff.addAll(fires.refused());
        putOff.forEach(each -> settled.add(new SettledSchedule(each.id(), each.settledUntil(), now.plus(PUT_OFF), null, null)));
        ScheduleStore.settle(connection, settled, now.plus(PUT_OFF)).forEach(each -> LOG.atError().addKeyValue("schedule", each)
                .log("PostgreSQL does not take how far a schedule is, will fire it again"));
        skipped.increment(fires.skipped());
        missed.increment(fires.dropped());
        return new Step(rows, sends.failure());
    }

    /**
     * @param most requests in the batch, beyond which no further schedule is taken up
     * @return how many schedules there were
     */
    private int add(List<DueSchedule> due, FireBatch fires, int most, List<DueSchedule> putOff) {
        for (var each : due) {
            if (fires.size() >= most) {
                break;
            }
            if (!add(each, fires)) {
                putOff.add(each);
            }
        }
        return due.size();
    }

    /** @return false if it is to be put off, so that it does not hold up others */
    private boolean add(DueSchedule due, FireBatch fires) {
        try {
            var schedule = schedules.of(due);
            if (schedule.isEmpty()) {
                LOG.atWarn().addKeyValue("schedule", due.id()).addKeyValue("function", due.function().name())
                        .log("a schedule is not understood, and left to newer schedulers");
                return false;
            }
            fires.add(due, schedule.get());
            return true;
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("schedule", due.id()).addKeyValue("function", due.function().name()).setCause(e).log("a schedule cannot be fired");
            return false;
        }
    }
}
