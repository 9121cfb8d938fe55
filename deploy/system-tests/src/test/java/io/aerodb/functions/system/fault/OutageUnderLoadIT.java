package io.aerodb.functions.system.fault;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A server goes away and comes back while calls keep coming. */
@OnProcesses
class OutageUnderLoadIT {

    private final Scale scale = Scale.chosen();

    @Test
    void losesNothingWhileTheBrokerIsAway(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.onlyWorker();
        api.deployed("nap", Programs.napping(5), "{}");
        try (var ledger = new Ledger(platform); var load = new Load(api, "nap")) {
            load.perSecond(scale.perSecond()).goOn(scale.load().dividedBy(3));
            platform.kafka().stop();
            load.goOn(scale.outage());
            platform.kafka().start();
            var calls = load.goOn(scale.load()).stop();
            var refused = calls.stream().filter(call -> call.status() != 200 && call.status() != 503 && call.status() != 504).toList();
            ledger.require(refused.isEmpty(), refused.size() + " calls were answered otherwise than by 200, 503 and 504, such as " + refused.stream().findFirst());
            requireRecovery(ledger, calls);
            ledger.settle("broker stopped and started under load", calls);
        }
    }

    @Test
    void servesWhatNeedsNoDatabaseWhilePostgresIsAway(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.onlyWorker();
        api.deployed("nap", Programs.napping(5), "{}");
        try (var ledger = new Ledger(platform); var load = new Load(api, "nap")) {
            load.perSecond(scale.perSecond()).goOn(scale.load().dividedBy(3));
            platform.postgres().stop();
            load.goOn(scale.outage());
            platform.postgres().start();
            load.goOn(scale.load().dividedBy(3));
            platform.postgres().kill();
            load.goOn(scale.outage());
            platform.postgres().start();
            var calls = load.goOn(scale.load().dividedBy(3)).stop();
            ledger.requireSuccess(calls);
            ledger.settle("PostgreSQL stopped, and killed, and started under load", calls);
        }
    }

    /** The last calls of the load succeed. */
    private static void requireRecovery(Ledger ledger, List<Call> calls) {
        var lastSent = calls.stream().mapToLong(Call::sentNanos).max().orElseThrow();
        var last = calls.stream().filter(call -> lastSent - call.sentNanos() < Duration.ofMillis(500).toNanos()).toList();
        ledger.requireSuccess(last);
    }
}
