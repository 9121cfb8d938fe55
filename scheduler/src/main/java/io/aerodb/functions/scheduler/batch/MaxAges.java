package io.aerodb.functions.scheduler.batch;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.function.VersionRef;
import java.sql.Connection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long after its acceptance an invocation may still be tried. A version never changes, so it is asked for once. */
public final class MaxAges {

    private static final int KEPT = 1000;

    private final Map<VersionRef, Duration> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<VersionRef, Duration> eldest) {
            return size() > KEPT;
        }
    };

    /**
     * The default if the version is gone, where the worker then says so, or has a configuration that only newer services can read.
     *
     * @param connection to ask on
     * @throws io.aerodb.functions.lifecycle.UnavailableException if PostgreSQL must be asked and is away
     */
    public Duration of(Connection connection, VersionRef version) {
        return known.computeIfAbsent(version, asked -> policy(connection, asked).maxAge());
    }

    private static RetryPolicy policy(Connection connection, VersionRef version) {
        try {
            return Database.within(connection, it -> FunctionStore.config(it, version)).map(FunctionConfig::retry).orElse(RetryPolicy.DEFAULT);
        } catch (InvalidFunctionException e) {
            return RetryPolicy.DEFAULT;
        }
    }
}
