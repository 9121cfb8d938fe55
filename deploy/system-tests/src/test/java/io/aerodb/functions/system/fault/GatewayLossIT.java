package io.aerodb.functions.system.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.system.Api;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A gateway is lost while callers wait at it. */
@OnProcesses
class GatewayLossIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private final Scale scale = Scale.chosen();

    @Test
    void finishesWhatWasCalledThroughADeadGateway(ProcessPlatform platform) throws Exception {
        var survivor = platform.api();
        var dies = platform.startGateway(Map.of());
        var api = new Api(dies.url());
        platform.onlyWorker();
        try (var ledger = new Ledger(platform); var gate = new Gate(); var load = new Load(api, "gated", gate::payload)) {
            api.deployed("gated", Programs.FETCH, "{\"timeout_ms\": 60000, \"allowed_hosts\": [\"" + gate.host() + "\"]}");
            load.burst(scale.burst());
            Awaitility.await("all calls run").atMost(PATIENCE).until(() -> gate.calls() + load.ended() >= scale.burst());
            dies.kill();
            var calls = load.stop();
            ledger.require(calls.stream().noneMatch(Call::isSuccess), "calls were answered that still ran");
            gate.open();
            ledger.requireRunOnce();
            ledger.settle("gateway killed with calls in flight", calls);
            for (var id : ledger.logged()) {
                var fetched = survivor.get("/functions/v1/invocations/" + id);
                assertEquals("succeeded", Api.json(fetched).path("status").asText(), () -> Api.text(fetched));
            }
        }
    }

    @Test
    void answersWhatIsInFlightWhenAGatewayIsToldToStop(ProcessPlatform platform) throws Exception {
        var stays = platform.api();
        var leaves = platform.startGateway(Map.of());
        platform.onlyWorker();
        stays.deployed("nap", Programs.napping(200), "{}");
        try (var ledger = new Ledger(platform); var left = new Load(new Api(leaves.url()), "nap"); var load = new Load(stays, "nap")) {
            left.perSecond(scale.perSecond() / 2);
            load.perSecond(scale.perSecond() / 2);
            Awaitility.await().atMost(PATIENCE).until(() -> Math.min(left.ended(), load.ended()) > scale.perSecond());
            leaves.terminate();
            ledger.require(leaves.awaitEnd(Duration.ofSeconds(30)), "it takes longer than its drain timeout of 20 s");
            var atTheGateway = left.stop();
            var calls = load.goOn(scale.load()).stop();
            ledger.requireSuccess(calls);
            var badlyAnswered = atTheGateway.stream().filter(call -> call.isAnswered() && call.status() != 200 && call.status() != 503).toList();
            ledger.require(badlyAnswered.isEmpty(), "calls in flight were not answered: " + badlyAnswered);
            var all = Stream.of(calls, atTheGateway).flatMap(List::stream).toList();
            var answered = all.stream().filter(Call::isAnswered).flatMap(call -> call.invocation().stream()).collect(Collectors.toSet());
            ledger.require(answered.containsAll(ledger.logged()), "calls were taken and never answered");
            ledger.settle("gateway told to stop under load (SIGTERM)", all);
        }
    }
}
