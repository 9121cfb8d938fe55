package io.aerodb.functions.function;

/** Exactly what an invocation runs: a deploy between the request and its run does not change it. */
public record VersionRef(FunctionName name, int version, ModuleHash module) {}
