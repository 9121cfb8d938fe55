package io.aerodb.functions.system.fault;

import io.aerodb.functions.system.Api;
import io.aerodb.functions.system.fault.LossyProxy.Fate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The broker has stored a request, and the gateway is never told. */
@OnProcesses
class LostAcknowledgementIT {

    private final Scale scale = Scale.chosen();

    @Test
    void runsOnceWhatWasReportedAsFailed(ProcessPlatform platform) throws Exception {
        platform.onlyWorker();
        try (var proxy = new LossyProxy(platform.kafka().bootstrap())) {
            var gateway = platform.startGateway(Map.of("AEROFN_KAFKA_BOOTSTRAP", proxy.bootstrap()));
            var api = new Api(gateway.url());
            api.deployed("nap", Programs.napping(5), "{}");
            try (var ledger = new Ledger(platform); var before = new Load(api, "nap"); var during = new Load(api, "nap"); var after = new Load(api, "nap")) {
                var good = before.burst(scale.burst()).stop();
                proxy.answersAre(Fate.SWALLOWED);
                var reportedAsFailed = during.burst(scale.burst()).stop();
                proxy.answersAre(Fate.DELIVERED);
                var goodAgain = after.burst(scale.burst()).stop();

                ledger.requireSuccess(good);
                ledger.requireSuccess(goodAgain);
                ledger.require(proxy.lost() > 0, "no acknowledgement was lost");
                ledger.require(reportedAsFailed.stream().noneMatch(call -> call.status() == 0), "connections to the gateway were lost");
                ledger.require(Ledger.repeated(ledger.requests()).isEmpty(), "requests stand twice on the log");
                ledger.requireRunOnce();
                ledger.settle("produce applied but reported as failed", Stream.of(good, reportedAsFailed, goodAgain).flatMap(List::stream).toList());
            } finally {
                gateway.stop();
            }
        }
    }

    @Test
    void storesOnceWhatIsSentAgainAfterALostConnection(ProcessPlatform platform) throws Exception {
        platform.onlyWorker();
        try (var proxy = new LossyProxy(platform.kafka().bootstrap())) {
            var gateway = platform.startGateway(Map.of("AEROFN_KAFKA_BOOTSTRAP", proxy.bootstrap()));
            var api = new Api(gateway.url());
            api.deployed("nap", Programs.napping(5), "{}");
            try (var ledger = new Ledger(platform); var load = new Load(api, "nap").perSecond(scale.perSecond())) {
                for (var cut = 1; cut <= 3; cut++) {
                    var lost = cut;
                    proxy.answersAre(Fate.CUT_ONCE);
                    load.goOn(scale.load().dividedBy(5));
                    Awaitility.await("an acknowledgement is lost").atMost(Duration.ofMinutes(1)).until(() -> proxy.lost() == lost);
                }
                var calls = load.stop();
                ledger.requireSuccess(calls);
                ledger.require(Ledger.repeated(ledger.requests()).isEmpty(), "requests stand twice on the log");
                ledger.settle("produce applied, connection lost, sent again", calls);
            } finally {
                gateway.stop();
            }
        }
    }
}
