package io.aerodb.functions.system.fault;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Schedulers are killed while schedules are due: every fire time is fired, and run once. */
@OnProcesses
class SchedulerLossIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String EVERY_SECOND =
            "{\"type\": \"schedule\", \"cron\": \"* * * * * *\", \"misfire\": \"all\", \"misfire_tolerance_ms\": 3600000}";

    @Test
    void firesEverySecondOnceThoughSchedulersAreKilled(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.onlyWorker();
        var schedulers = Stream.of(platform.startScheduler(), platform.startScheduler()).collect(Collectors.toCollection(ArrayDeque::new));
        try (var ledger = new Ledger(platform)) {
            api.deployed("ticking", Programs.napping(5), "{\"triggers\": [" + EVERY_SECOND + "]}");
            for (var kill = 0; kill < (Scale.isLong() ? 20 : 3); kill++) {
                var before = fireTimes(ledger).size();
                Awaitility.await("schedules fire").atMost(PATIENCE).until(() -> fireTimes(ledger).size() >= before + 2);
                Thread.sleep(ThreadLocalRandom.current().nextInt(1000)); // somewhere between two fires, or in one
                schedulers.removeFirst().kill();
                schedulers.addLast(platform.startScheduler());
            }
            var until = Instant.now();
            Awaitility.await("fires are made up for").atMost(PATIENCE).until(() -> fireTimes(ledger).last().isAfter(until));
            api.deployed("ticking", Programs.napping(5), "{}");
            ledger.require(gaps(fireTimes(ledger)).isEmpty(), "not fired: " + gaps(fireTimes(ledger)));
            ledger.require(fireTimes(ledger).size() == ledger.logged().size(), "fire times that have several invocations");
            ledger.requireStatus("succeeded");
            ledger.requireRunOnce();
            ledger.settle("schedules: schedulers killed", List.of());
        } finally {
            platform.stopAll("scheduler");
        }
    }

    private static TreeSet<Instant> fireTimes(Ledger ledger) {
        return ledger.log().since(ledger.starts(), Ledger.EVENTS).stream().map(record -> {
            try {
                return Instant.parse(MAPPER.readTree(record.value()).path("scheduled_for").asText());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<Instant> gaps(TreeSet<Instant> fireTimes) {
        return Stream.iterate(fireTimes.first(), time -> !time.isAfter(fireTimes.last()), time -> time.plusSeconds(1))
                .filter(time -> !fireTimes.contains(time)).collect(Collectors.toSet());
    }
}
