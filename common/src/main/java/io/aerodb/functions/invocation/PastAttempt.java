package io.aerodb.functions.invocation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an earlier attempt of an invocation ended.
 *
 * @param attempt counted from 1
 * @param code the stable error code
 * @param runMicros 0 where it was not run
 * @param worker the service that told it, by its instance name
 */
public record PastAttempt(int attempt, @Nullable String code, @Nullable String error, Instant finishedAt, long runMicros, String worker) {}
