package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Replay;
import io.aerodb.functions.kafka.StoredRequest.Readable;
import java.time.Clock;
import java.time.temporal.ChronoUnit;

/** Makes one recorded request into a new invocation. */
final class SingleReplay {

    private final RecordedRequests requests;
    private final FunctionRegistry functions;
    private final FunctionStore store;
    private final Clock clock;

    SingleReplay(RecordedRequests requests, FunctionRegistry functions, FunctionStore store, Clock clock) {
        this.requests = requests;
        this.functions = functions;
        this.store = store;
        this.clock = clock;
    }

    /**
     * The same request on behalf of the same caller, for the events lane. Blocks.
     *
     * @throws ProblemException 404 if the function or the version is not there, 410 if the request is no longer kept
     * @throws io.aerodb.functions.lifecycle.UnavailableException if Kafka or PostgreSQL is away
     */
    Readable prepare(InvocationEntry original, VersionChoice choice) {
        var function = functions.find(new FunctionName(original.function())).filter(found -> found.config().enabled())
                .orElseThrow(() -> new ProblemException(Problem.functionNotFound(original.function())));
        var version = version(original, function, choice);
        var id = new InvocationId(original.id());
        var recorded = requests.read(original).orElseThrow(() -> new ProblemException(Problem.requestGone().about(id)));
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var config = version.equals(function.ref()) ? function.config() : store.config(version).orElse(function.config());
        return new Readable(Replay.of(recorded.request(), version, InvocationId.at(now), now, config.retry().maxAge()), recorded.key());
    }

    private VersionRef version(InvocationEntry original, DeployedFunction function, VersionChoice choice) {
        return switch (choice) {
            case VersionChoice.Active _ -> function.ref();
            case VersionChoice.Numbered(var version) -> numbered(function, version);
            case VersionChoice.Recorded _ when function.id().equals(original.functionId()) -> numbered(function, original.version());
            case VersionChoice.Recorded _ -> throw new ProblemException(
                    Problem.versionNotFound(original.function(), original.version() + " of before it was removed and deployed anew"));
        };
    }

    private VersionRef numbered(DeployedFunction function, int version) {
        return function.version() == version ? function.ref() : store.findVersion(function.name(), version)
                .orElseThrow(() -> new ProblemException(Problem.versionNotFound(function.name().value(), String.valueOf(version))));
    }
}
