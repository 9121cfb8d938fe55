package io.aerodb.functions.system.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What more workers bring, and what one busy function takes from the others. Needs minutes, and a machine that does nothing else. */
@OnProcesses
@EnabledIfSystemProperty(named = Scale.PROPERTY, matches = Scale.LONG)
class ScalingIT {

    private static final Duration MEASURED = Duration.ofSeconds(10);
    private static final Map<String, String> FEW_SLOTS = Map.of("AEROFN_WORKER_SLOTS", "12");
    /** So few that 1000 calls of 5 s keep a queue for more than 30 s, and so many that none of them waits until its deadline. */
    private static final Map<String, String> QUEUING_SLOTS = Map.of("AEROFN_WORKER_SLOTS", "256");
    /** Of what as many workers would do that did not share anything. */
    private static final double NEAR_LINEAR = 0.8;

    @Test
    void servesMoreWithMoreWorkersAndLosesNothingWithFewer(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.stopAll("worker");
        api.deployed("io", Programs.napping(200), "{}");
        try (var ledger = new Ledger(platform); var load = new Load(api, "io")) {
            var workers = new ArrayList<ServiceProcess>();
            var perSecond = new ArrayList<Double>();
            for (var count = 1; count <= 3; count++) {
                workers.add(platform.startWorker(FEW_SLOTS));
                if (count == 1) {
                    load.callers(100);
                }
                load.goOn(Duration.ofSeconds(8)); // the group is shared out anew, and the new worker gets warm
                perSecond.add(throughput(load));
            }
            workers.getLast().stop();
            workers.get(1).kill();
            var calls = load.goOn(Duration.ofSeconds(15)).stop();
            ledger.requireSuccess(calls);
            ledger.require(perSecond.get(1) >= 2 * NEAR_LINEAR * perSecond.get(0) && perSecond.get(2) >= 3 * NEAR_LINEAR * perSecond.get(0),
                    "not near-linear: " + perSecond);
            ledger.settle("1, 2, 3 workers: %.0f, %.0f, %.0f calls/s; then 1".formatted(perSecond.toArray()), calls);
            platform.stopAll("worker");
        }
    }

    @Test
    void keepsOneFunctionsQueueFromDelayingAnother(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.stopAll("worker");
        platform.startWorker(QUEUING_SLOTS);
        api.deployed("quick", Programs.napping(5), "{}");
        api.deployed("slow", Programs.napping(5000), "{\"timeout_ms\": 20000}");
        try (var ledger = new Ledger(platform); var warmUp = new Load(api, "quick").perSecond(100);
                var alone = new Load(api, "quick"); var beside = new Load(api, "quick"); var slow = new Load(api, "slow").by("neighbour")) {
            var warm = warmUp.goOn(Duration.ofSeconds(20)).stop();
            var quiet = alone.perSecond(100).goOn(Duration.ofSeconds(20)).stop();
            slow.burst(1000);
            ledger.awaitLogged(slow, warm.size() + quiet.size() + 1000);
            var busy = beside.perSecond(100).goOn(Duration.ofSeconds(20)).stop();
            var calls = Stream.of(warm, quiet, busy, slow.stop()).flatMap(List::stream).toList();
            var before = millisAt99(quiet);
            var then = millisAt99(busy);
            ledger.requireSuccess(calls);
            ledger.require(then <= 2 * before, "p99 went up more than twofold");
            ledger.settle("1000 queued calls of 5 s: p99 of another %.0f ms, alone %.0f ms".formatted(then, before), calls);
            platform.stopAll("worker");
        }
    }

    private static double throughput(Load load) throws InterruptedException {
        var before = load.ended();
        var startedAt = System.nanoTime();
        load.goOn(MEASURED);
        return (load.ended() - before) * 1e9 / (System.nanoTime() - startedAt);
    }

    private static double millisAt99(List<Call> calls) {
        var nanos = calls.stream().mapToLong(call -> call.endedNanos() - call.sentNanos()).sorted().toArray();
        return Arrays.stream(nanos).skip(nanos.length * 99L / 100).findFirst().orElseThrow() / 1e6;
    }
}
