package io.aerodb.functions.worker.wasm;

import java.util.List;

/** The first functions' names for two host calls: a query without parameters, and the reading of its answer. */
final class EnvAlias {

    private static final String MODULE = "env";

    static final List<HostCall> CALLS = List.of(
            HostCall.returning(MODULE, "db_query", 2, (run, memory, args) ->
                    AerodbV1.dbQuery(run, memory, new long[] {args[0], args[1], 0, 0})),
            HostCall.returning(MODULE, "result_read", 2, (run, memory, args) -> AerodbV1.read(run.result(), memory, args)));

    private EnvAlias() {}
}
