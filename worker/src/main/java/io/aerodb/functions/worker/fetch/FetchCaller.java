package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.function.AllowedHosts;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.telemetry.TraceSpan;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf a fetch is made.
 *
 * @param idempotencyScope the invocation's id, the same for each of its attempts
 * @param sequence which fetch of the invocation this is
 * @param trace told to the hosts that are called; null where the invocation belongs to none
 * @param span of this fetch
 */
public record FetchCaller(AllowedHosts allowedHosts, String idempotencyScope, int sequence, @Nullable TraceContext trace, TraceSpan span) {}
