package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Finds the function of a call before its body is read: at once if it is known here, else without blocking the event loop. */
final class FunctionLookup {

    /** Guessing names must not keep all connections to the database busy. */
    private static final int MAX_LOOKUPS = 4;

    private final FunctionRegistry functions;
    private final Gate gate;
    private final Semaphore lookups = new Semaphore(MAX_LOOKUPS);

    FunctionLookup(FunctionRegistry functions, Gate gate) {
        this.functions = functions;
        this.gate = gate;
    }

    /**
     * @param admit goes on with the call, on the event loop, or throws a problem
     * @throws ProblemException 429 if too many functions are looked for
     */
    void find(RoutingContext context, FunctionName name, Consumer<Optional<DeployedFunction>> admit) {
        var known = functions.cached(name);
        if (known.isPresent()) {
            admit.accept(known);
            return;
        }
        if (!lookups.tryAcquire()) {
            throw gate.full("unknown_functions", "too many calls of functions that are not known here; try again");
        }
        context.request().pause();
        context.vertx().executeBlocking(() -> functions.find(name), false).onComplete(found -> {
            lookups.release();
            if (found.succeeded()) {
                try {
                    admit.accept(found.result());
                } catch (ProblemException | UnavailableException e) {
                    context.fail(e);
                }
            } else {
                context.fail(found.cause());
            }
            context.request().resume(); // only now that somebody reads the body
        });
    }
}
