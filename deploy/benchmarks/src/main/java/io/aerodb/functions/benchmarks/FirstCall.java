package io.aerodb.functions.benchmarks;

import io.aerodb.functions.testkit.TestModules;
import java.util.Arrays;

/**
 * Prints how long the first call of a function takes whose deployment has just been answered, from HTTP to HTTP, on a platform that
 * has been at work for a while. Each module is another one.
 */
final class FirstCall {

    private static final int WARM_UP = 3_000;
    private static final int ROUNDS = 60;
    /** Modules from half a KiB to a little less than 1 MB. */
    private static final int[] FUNCTIONS = {1, 100, 2_500};
    private static final byte[] NO_PAYLOAD = {};

    private FirstCall() {}

    public static void main(String[] arguments) throws Exception {
        try (var api = new LocalApi()) {
            api.deploy("warm", TestModules.typical(1, ROUNDS));
            var invocation = api.invocation("warm", NO_PAYLOAD);
            for (var i = 0; i < WARM_UP; i++) {
                api.send(200, invocation);
            }
            System.out.printf("%10s %10s %10s %10s %10s%n", "bytes", "p50 ms", "p95 ms", "max ms", "deploy p50");
            for (var functions : FUNCTIONS) {
                measure(api, functions);
            }
        }
    }

    private static void measure(LocalApi api, int functions) throws Exception {
        var deployments = new double[ROUNDS];
        var calls = new double[ROUNDS];
        for (var i = 0; i < ROUNDS; i++) {
            var name = "fresh-" + functions + "-" + i;
            var module = TestModules.typical(functions, i);
            var invocation = api.invocation(name, NO_PAYLOAD);
            var start = System.nanoTime();
            api.deploy(name, module);
            var deployed = System.nanoTime();
            api.send(200, invocation);
            deployments[i] = (deployed - start) / 1e6;
            calls[i] = (System.nanoTime() - deployed) / 1e6;
        }
        Arrays.sort(deployments);
        Arrays.sort(calls);
        System.out.printf("%10d %10.1f %10.1f %10.1f %10.1f%n", TestModules.typical(functions, 0).length,
                calls[ROUNDS / 2], calls[ROUNDS * 95 / 100], calls[ROUNDS - 1], deployments[ROUNDS / 2]);
    }
}
