package io.aerodb.functions.function;

import java.util.UUID;

/** Exactly what an invocation runs: a deploy between the request and its run does not change it. */
public record VersionRef(UUID functionId, FunctionName name, int version, ModuleHash module) {}
