package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows from a change of a function once it is kept: this gateway serves the function as it is now, and the trigger bridge goes by
 * its triggers. A database that is away by then cannot undo the change, so it is no failure of the change: gateways and the bridge read
 * everything anew when they have it back.
 */
public final class Propagation {

    private static final Logger LOG = LoggerFactory.getLogger(Propagation.class);

    private final FunctionRegistry registry;
    private final TableTriggers tableTriggers;

    public Propagation(FunctionRegistry registry, TableTriggers tableTriggers) {
        this.registry = registry;
        this.tableTriggers = tableTriggers;
    }

    /** Blocks; for a change that leaves the triggers as they are. */
    void propagate(FunctionName name) {
        attempt(name, "this gateway serves it as it was until it has read it anew", () -> registry.reload(name));
    }

    /** Blocks; doing it once more does no harm. */
    void propagate(FunctionName name, FunctionConfig before, FunctionConfig after) {
        propagate(name);
        attempt(name, "the trigger bridge goes by its triggers when it has heard of the change by itself", () -> tableTriggers.enter(name, before, after));
    }

    private static void attempt(FunctionName name, String otherwise, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.atWarn().addKeyValue("function", name).setCause(e).log("a function has changed, but {}", otherwise);
        }
    }
}
