package io.aerodb.functions.system.fault;

import io.aerodb.functions.system.Api;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A process is lost while invocations run that nobody waits for: what was accepted ends, once. */
@OnProcesses
class EventsLaneLossIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String WAITING_FOR_THE_TABLE =
            "SELECT count(*) FROM pg_locks WHERE relation = 'aerodb.invocation_claims'::regclass AND NOT granted";
    private final Scale scale = Scale.chosen();

    @Test
    void runsWhatADeadWorkerHasNotClaimed(ProcessPlatform platform) throws Exception {
        var api = apiWithNap(platform);
        var worker = platform.onlyWorker();
        try (var ledger = new Ledger(platform); var load = new Load(api, "nap").async()) {
            List<Call> calls;
            try (var connection = platform.database().connect()) {
                lockClaims(connection);
                calls = load.burst(scale.burst()).stop();
                Awaitility.await("the worker wants to claim").atMost(PATIENCE)
                        .until(() -> Long.parseLong(platform.query(WAITING_FOR_THE_TABLE).getFirst()) > 0);
                worker.kill();
                connection.rollback();
            }
            platform.startWorker();
            ledger.requireSuccess(calls);
            ledger.requireRunOnce();
            ledger.requireStatus("succeeded");
            ledger.settle("events lane: worker killed before the claim", calls);
        }
    }

    @Test
    void takesOverWhatADeadWorkerHadClaimedUnlessItMustNotRunTwice(ProcessPlatform platform) throws Exception {
        var api = apiWithNap(platform);
        var worker = platform.onlyWorker();
        try (var ledger = new Ledger(platform); var manyTimes = new Gate(); var once = new Gate();
                var repeatable = new Load(api, "repeatable", manyTimes::payload).async(); var unique = new Load(api, "unique", once::payload).async()) {
            api.deployed("repeatable", Programs.FETCH, gated(manyTimes, "at_least_once"));
            api.deployed("unique", Programs.FETCH, gated(once, "at_most_once"));
            var calls = Stream.of(repeatable.burst(scale.burst()).stop(), unique.burst(scale.burst()).stop()).flatMap(List::stream).toList();
            awaitRuns(manyTimes);
            awaitRuns(once);
            var running = once.calls();
            worker.kill();
            manyTimes.open();
            once.open();
            platform.startWorker();
            ledger.requireSuccess(calls);
            ledger.requireAtEnd(() -> !manyTimes.rerun().isEmpty(), "nothing was run again");
            ledger.requireAtEnd(() -> once.rerun().isEmpty(), "something was run twice that must not be");
            ledger.requireAtEnd(() -> lostRuns(platform, ledger) == running, "not all lost runs were told as such");
            ledger.settle("events lane: worker killed during the run", calls);
        }
    }

    @Test
    @EnabledIfSystemProperty(named = Scale.PROPERTY, matches = Scale.LONG)
    void countsOnceWhatADeadWorkerHadEnded(ProcessPlatform platform) throws Exception {
        var api = apiWithNap(platform);
        var worker = platform.onlyWorker();
        try (var ledger = new Ledger(platform); var load = new Load(api, "nap").async()) {
            load.burst(scale.burst());
            ledger.log().await(ledger.starts(), Ledger.INVOCATIONS, record -> Ledger.status(record).equals("succeeded"));
            worker.kill();
            var calls = load.stop();
            platform.startWorker();
            ledger.requireSuccess(calls);
            ledger.requireStatus("succeeded");
            ledger.settle("events lane: worker killed after the outcome", calls);
        }
    }

    @Test
    void goesOnWithRetriesWhenTheSchedulerDies(ProcessPlatform platform) throws Exception {
        var api = apiWithNap(platform);
        platform.onlyWorker();
        var dies = platform.startScheduler();
        try (var ledger = new Ledger(platform); var load = new Load(api, "crashing").async()) {
            api.deployed("crashing", Programs.CRASHING,
                    "{\"retry\": {\"max_attempts\": 3, \"min_delay_ms\": 200, \"max_delay_ms\": 1000, \"on\": [\"function_error\"]}}");
            var calls = load.burst(scale.burst()).stop();
            Awaitility.await("retries are due").atMost(PATIENCE).until(() -> ledger.requests().size() > ledger.logged().size());
            dies.kill();
            platform.startScheduler();
            ledger.requireSuccess(calls);
            ledger.settle("events lane: scheduler killed during retries", calls);
        } finally {
            platform.stopAll("scheduler");
        }
    }

    private static Api apiWithNap(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.onlyWorker(); // or the topics may not be there
        api.deployed("nap", Programs.napping(5), "{}");
        return api;
    }

    private static String gated(Gate gate, String delivery) {
        return "{\"timeout_ms\": 60000, \"allowed_hosts\": [\"%s\"], \"delivery\": \"%s\"}".formatted(gate.host(), delivery);
    }

    /** Until no more come: a lane may give one function fewer slots than there are calls. */
    private static void awaitRuns(Gate gate) {
        Awaitility.await("calls run").atMost(PATIENCE).until(() -> gate.calls() > 0);
        Awaitility.await("no more calls come").atMost(PATIENCE).until(gate::isQuiet);
    }

    private static void lockClaims(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute("LOCK TABLE aerodb.invocation_claims IN ACCESS EXCLUSIVE MODE");
        }
    }

    private static int lostRuns(ProcessPlatform platform, Ledger ledger) {
        return platform.query("SELECT id FROM aerodb.function_invocations WHERE error_code = 'worker_lost' AND id = ANY (?::uuid[])",
                "{" + String.join(",", ledger.logged()) + "}").size();
    }
}
