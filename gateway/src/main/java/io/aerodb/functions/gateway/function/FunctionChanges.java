package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionChange;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done about a change of a function, and which problem it is if there was none. */
final class FunctionChanges {

    private static final Logger LOG = LoggerFactory.getLogger(FunctionChanges.class);

    private final FunctionRegistry registry;
    private final TableTriggers tableTriggers;

    FunctionChanges(FunctionRegistry registry, TableTriggers tableTriggers) {
        this.registry = registry;
        this.tableTriggers = tableTriggers;
    }

    /** @param nowFull tables whose replica identity was set to {@code FULL} */
    record Settled(DeployedFunction function, Set<String> nowFull) {}

    /**
     * Blocks. When it returns, this gateway serves the function as it is now.
     *
     * @param wanted the configuration that it is going to have; empty if that cannot be told, and the change will say why
     * @param wish what was to be done, for the log
     * @throws ProblemException if the function is not what it should have been
     * @throws io.aerodb.functions.function.InvalidFunctionException if a trigger does not fit its table
     */
    Settled settle(FunctionName name, Optional<FunctionConfig> wanted, Supplier<FunctionChange> change, String wish) {
        var before = registry.find(name).map(DeployedFunction::config).orElse(FunctionConfig.DEFAULT);
        var nowFull = wanted.filter(config -> !config.triggers().equals(before.triggers())) // a function must be changeable whose table is gone
                .map(tableTriggers::prepare).orElse(Set.of());
        return new Settled(settle(name, before, change.get(), wish), nowFull);
    }

    private DeployedFunction settle(FunctionName name, FunctionConfig before, FunctionChange change, String wish) {
        return switch (change) {
            case FunctionChange.Changed(var function) -> {
                registry.reload(name);
                tableTriggers.enter(name, before, function.config());
                LOG.atInfo().addKeyValue("function", name).addKeyValue("version", function.version())
                        .addKeyValue("enabled", function.config().enabled()).addKeyValue("change", wish).log("a function changed");
                yield function;
            }
            case FunctionChange.Unchanged(var function) -> function;
            case FunctionChange.Outdated(var function) -> throw new ProblemException(Problem.conflict(
                    "the function '" + name + "' has changed since: its ETag is " + IfMatch.tag(function) + " now; read it again, and then change it"));
            case FunctionChange.FunctionMissing() -> throw new ProblemException(Problem.functionNotFound(name.value()));
            case FunctionChange.VersionMissing(var version) -> throw new ProblemException(Problem.noSuchVersion(name.value(), String.valueOf(version)));
        };
    }
}
