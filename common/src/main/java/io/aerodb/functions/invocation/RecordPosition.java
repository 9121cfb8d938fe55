package io.aerodb.functions.invocation;

/** Where a record stands on the log: enough to read it again. */
public record RecordPosition(String topic, int partition, long offset) {}
