package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionChange;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionVersions.Plan;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done about a change of a function, and which problem it is if there was none. */
public final class FunctionChanges {

    private static final Logger LOG = LoggerFactory.getLogger(FunctionChanges.class);

    private final TableTriggers tableTriggers;
    private final Propagation propagation;

    public FunctionChanges(TableTriggers tableTriggers, Propagation propagation) {
        this.tableTriggers = tableTriggers;
        this.propagation = propagation;
    }

    /** @param nowFull tables whose replica identity was set to {@code FULL} */
    record Settled(DeployedFunction function, Set<String> nowFull) {}

    /**
     * Blocks. When it returns, this gateway serves the function as it is now.
     *
     * @param plan empty if it cannot be told what is going to be, and the change will say why
     * @param wish what was to be done, for the log
     * @throws ProblemException if the function is not what it should have been
     * @throws io.aerodb.functions.function.InvalidFunctionException if a trigger does not fit its table
     */
    Settled settle(FunctionName name, Optional<Plan> plan, Supplier<FunctionChange> change, String wish) {
        var nowFull = plan.filter(Plan::changesTriggers) // a function must be changeable whose table is gone
                .map(planned -> tableTriggers.prepare(planned.after())).orElse(Set.of());
        return new Settled(settle(name, change.get(), wish), nowFull);
    }

    private DeployedFunction settle(FunctionName name, FunctionChange change, String wish) {
        return switch (change) {
            case FunctionChange.Changed(var before, var function) -> {
                propagation.propagate(name, before.config(), function.config());
                LOG.atInfo().addKeyValue("function", name).addKeyValue("version", function.version())
                        .addKeyValue("enabled", function.config().enabled()).addKeyValue("change", wish).log("a function changed");
                yield function;
            }
            case FunctionChange.Unchanged(var function) -> {
                propagation.propagate(name, function.config(), function.config()); // who repeats a change may not have seen it through
                yield function;
            }
            case FunctionChange.Outdated(var function) -> throw new ProblemException(Problem.conflict(
                    "the function '" + name + "' has changed since: its ETag is " + IfMatch.tag(function) + " now; read it again, and then change it"));
            case FunctionChange.FunctionMissing() -> throw new ProblemException(Problem.functionNotFound(name.value()));
            case FunctionChange.VersionMissing(var version) -> throw new ProblemException(Problem.noSuchVersion(name.value(), String.valueOf(version)));
        };
    }
}
