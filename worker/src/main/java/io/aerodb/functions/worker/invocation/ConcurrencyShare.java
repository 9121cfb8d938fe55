package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;

/** How many runs of a function this worker may have at once: its part of what the function's configuration allows all of them. */
final class ConcurrencyShare implements ToIntFunction<FunctionName> {

    private final FunctionRegistry functions;
    private final IntSupplier liveWorkers;

    /** @param liveWorkers how many share the work, this one included; asked often */
    ConcurrencyShare(FunctionRegistry functions, IntSupplier liveWorkers) {
        this.functions = functions;
        this.liveWorkers = liveWorkers;
    }

    /** Rounded up: every worker may run one. Never blocks. */
    @Override
    public int applyAsInt(FunctionName name) {
        return functions.cached(name)
                .map(function -> function.config().admission().concurrency())
                .filter(OptionalInt::isPresent)
                .map(allowed -> Math.ceilDiv(allowed.getAsInt(), Math.max(1, liveWorkers.getAsInt())))
                .orElse(Integer.MAX_VALUE);
    }
}
