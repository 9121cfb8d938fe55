package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.worker.database.GuestDatabase;
import io.aerodb.functions.worker.database.QueryAnswer;
import io.aerodb.functions.worker.wasm.GuestServices;
import io.aerodb.functions.worker.wasm.HostAnswer;
import io.aerodb.functions.worker.wasm.HostError;
import java.time.Duration;

/** What one invocation reaches outside of its sandbox, with the rights of the identity it runs as. */
final class CallerServices implements GuestServices {

    private final Identity identity;
    private final GuestDatabase database;

    CallerServices(Identity identity, GuestDatabase database) {
        this.identity = identity;
        this.database = database;
    }

    @Override
    public HostAnswer dbQuery(String sql, byte[] params, Duration remaining) {
        return switch (database.query(identity, sql, params, remaining)) {
            case QueryAnswer.Succeeded(var body) -> HostAnswer.of(body);
            case QueryAnswer.Failed failed -> new HostAnswer(failed.error().number(), failed.body());
        };
    }

    @Override
    public HostAnswer httpFetch(byte[] request, Duration remaining) {
        return HostAnswer.error(HostError.DENIED, "the function may send requests to no host");
    }
}
