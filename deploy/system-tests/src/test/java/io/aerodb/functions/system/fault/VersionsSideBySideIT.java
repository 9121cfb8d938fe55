package io.aerodb.functions.system.fault;

import io.aerodb.functions.system.fault.ServiceProcess.Build;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** During an upgrade, workers of two versions share the lanes. */
@OnProcesses
class VersionsSideBySideIT {

    private static final String PREVIOUS = "aerofn.faults.previous";
    private final Scale scale = Scale.chosen();

    @Test
    @EnabledIfSystemProperty(named = PREVIOUS, matches = ".+")
    void shareTheLoadAndTakeItOverFromEachOther(ProcessPlatform platform) throws Exception {
        var previous = Build.in(Path.of(System.getProperty(PREVIOUS)));
        var api = platform.api();
        var current = platform.onlyWorker();
        api.deployed("nap", Programs.napping(20), "{}");
        try (var ledger = new Ledger(platform); var load = new Load(api, "nap").perSecond(scale.perSecond())) {
            var old = platform.startWorker(previous, Map.of());
            load.goOn(scale.load());
            current.stop();
            load.goOn(scale.load());
            platform.startWorker();
            load.goOn(scale.load());
            old.stop();
            var calls = load.goOn(scale.load()).stop();
            ledger.requireSuccess(calls);
            ledger.settle("two versions of the worker side by side", calls);
        }
    }
}
