package io.aerodb.functions.system.fault;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.aerodb.functions.system.Api;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A worker is lost while callers wait: another one does what it has not done, and every caller gets one answer. */
@OnProcesses
class WorkerLossIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROUNDS = 5;
    private final Scale scale = Scale.chosen();

    @Test
    void runsWhatADeadWorkerHasNotTaken(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        var worker = platform.onlyWorker();
        api.deployed("nap", Programs.napping(5), "{}");
        try (var ledger = new Ledger(platform); var load = new Load(api, "nap")) {
            worker.freeze();
            load.burst(scale.burst());
            ledger.awaitLogged(load, scale.burst());
            worker.kill();
            platform.startWorker();
            var calls = load.stop();
            ledger.requireSuccess(calls);
            ledger.requireRunOnce();
            ledger.settle("worker killed before it takes the calls", calls);
        }
    }

    @Test
    void runsAgainWhatADeadWorkerWasRunning(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        var worker = platform.onlyWorker();
        try (var ledger = new Ledger(platform); var gate = new Gate(); var load = new Load(api, "gated", gate::payload)) {
            api.deployed("gated", Programs.FETCH, "{\"timeout_ms\": 60000, \"allowed_hosts\": [\"" + gate.host() + "\"]}");
            load.burst(scale.burst());
            Awaitility.await("all calls run").atMost(PATIENCE).until(() -> gate.calls() + load.ended() >= scale.burst());
            worker.kill();
            gate.open();
            platform.startWorker();
            var calls = load.stop();
            ledger.requireSuccess(calls);
            ledger.require(!gate.rerun().isEmpty(), "no call was run again");
            ledger.requireRunOnce();
            ledger.settle("worker killed during the run", calls);
        }
    }

    @Test
    void countsOnceWhatADeadWorkerHadEndedButNotCommitted(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        api.deployed("nap", Programs.napping(5), "{}");
        try (var ledger = new Ledger(platform); var load = new Load(api, "nap")) {
            var uncommitted = new HashSet<String>();
            for (var round = 0; round < ROUNDS && uncommitted.isEmpty(); round++) {
                var worker = platform.onlyWorker();
                var outcomes = ledger.log().ends(Ledger.INVOCATIONS);
                load.burst(scale.burst());
                ledger.log().await(outcomes, Ledger.INVOCATIONS, _ -> true);
                worker.kill();
                uncommitted.addAll(endedWithoutCommit(ledger.log(), outcomes));
                platform.startWorker();
            }
            assertFalse(uncommitted.isEmpty(), "no worker died between an outcome and its commit");
            var calls = load.stop();
            ledger.requireSuccess(calls);
            ledger.requireRunOnceBut(uncommitted);
            ledger.settle("worker killed after the outcome, before the commit", calls);
        }
    }

    @Test
    void drainsWithinItsGracePeriodUnderLoad(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.onlyWorker();
        var leaves = platform.startWorker();
        api.deployed("nap", Programs.napping(200), "{}");
        try (var ledger = new Ledger(platform); var load = new Load(api, "nap").perSecond(scale.perSecond())) {
            Awaitility.await().atMost(PATIENCE).until(() -> load.ended() > scale.perSecond());
            leaves.terminate();
            ledger.require(leaves.awaitEnd(Duration.ofSeconds(30)), "it takes longer than its drain timeout of 20 s");
            load.goOn(scale.load());
            var calls = load.stop();
            ledger.requireSuccess(calls);
            ledger.requireRunOnce();
            ledger.settle("worker told to stop under load (SIGTERM)", calls);
        }
    }

    @Test
    void letsLongRunsGoOnWhileTheGroupIsSharedOutAnew(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.onlyWorker();
        api.deployed("nap", Programs.napping(5), "{}");
        // whoever gets a partition keeps what still runs elsewhere open until its deadline, so that is near
        var impatient = platform.startGateway(Map.of("AEROFN_GATEWAY_QUEUE_TIMEOUT", "5s"));
        var impatientApi = new Api(impatient.url());
        var heldFor = scale.outage().multipliedBy(2); // longer than a worker waits before it lets go, when the scale is long
        try (var ledger = new Ledger(platform); var gate = new Gate();
                var longRuns = new Load(impatientApi, "gated", gate::payload); var load = new Load(api, "nap")) {
            impatientApi.deployed("gated", Programs.FETCH, "{\"timeout_ms\": %d, \"allowed_hosts\": [\"%s\"]}"
                    .formatted(heldFor.plusSeconds(30).toMillis(), gate.host()));
            longRuns.burst(scale.burst());
            Awaitility.await("all calls run").atMost(PATIENCE).until(() -> gate.calls() + longRuns.ended() >= scale.burst());
            load.perSecond(scale.perSecond());
            var joins = platform.startWorker();
            load.goOn(heldFor);
            gate.open();
            var runs = longRuns.stop();
            joins.stop();
            var calls = load.stop();
            ledger.requireSuccess(runs);
            ledger.requireSuccess(calls);
            ledger.requireAtEnd(() -> gate.rerun().isEmpty(), "long runs were run twice");
            var all = Stream.of(calls, runs).flatMap(List::stream).toList();
            ledger.requireRunOnce();
            ledger.requireStatus("succeeded");
            ledger.settle("a worker comes and goes during long runs (rebalance)", all);
        } finally {
            impatient.stop();
        }
    }

    /** The invocations with an outcome since then whose requests the group would start from. */
    private static Set<String> endedWithoutCommit(Log log, Map<TopicPartition, Long> since) {
        var committed = log.committed("functions-invoke");
        return log.since(since, Ledger.INVOCATIONS).stream()
                .filter(outcome -> Ledger.request(outcome).offset() >= committed.getOrDefault(Ledger.request(outcome).partition(), 0L))
                .map(outcome -> Log.header(outcome, "ce_id"))
                .collect(Collectors.toSet());
    }
}
