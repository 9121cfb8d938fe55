package io.aerodb.functions.benchmarks;

import java.util.UUID;

/** What the registry says of a function. @param module its hash */
record DeployedVersion(UUID functionId, String name, int version, String module) {}
