package io.aerodb.functions.scheduler.due;

import io.aerodb.functions.invocation.RecordPosition;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * A row of {@code due_invocations} whose time has come.
 *
 * @param attempt the one that is due
 * @param late how long it was due when it was read, by PostgreSQL's clock
 * @param request where the request of an earlier attempt stands
 */
record DueInvocation(UUID id, int attempt, Duration late, Instant acceptedAt, UUID functionId, String function, RecordPosition request) {}
