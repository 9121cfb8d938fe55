package io.aerodb.functions.function;

import java.time.Instant;

/**
 * What was deployed under one number; never changes.
 *
 * @param number counted from 1, never given twice
 * @param moduleBytes the module's size
 * @param config as it was deployed; whether the function is enabled does not belong to a version
 * @param isActive whether it is what runs now
 */
public record FunctionVersion(int number, ModuleHash module, int moduleBytes, FunctionConfig config, Instant createdAt, boolean isActive) {}
