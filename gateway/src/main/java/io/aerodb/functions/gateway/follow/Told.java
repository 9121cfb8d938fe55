package io.aerodb.functions.gateway.follow;

import io.aerodb.functions.invocation.InvocationEntry;

/** An entry, and where it stands on the outcome log. */
record Told(int partition, long offset, InvocationEntry entry) {}
