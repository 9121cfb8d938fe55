package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.function.AllowedHosts;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf a fetch is made.
 *
 * @param idempotencyScope the invocation's id, the same for each of its attempts
 * @param sequence which fetch of the invocation this is
 * @param traceparent of the invocation, as W3C Trace Context writes it
 */
public record FetchCaller(AllowedHosts allowedHosts, String idempotencyScope, int sequence, @Nullable String traceparent) {}
