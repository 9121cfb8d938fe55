package io.aerodb.functions.invocation;

import java.time.Duration;

/**
 * What the waiting gateway is told.
 *
 * @param version of the function that ran
 * @param queue from acceptance to the start of the run
 * @param run how long it ran
 */
public record Reply(InvocationId id, int version, Duration queue, Duration run, Outcome outcome) {}
