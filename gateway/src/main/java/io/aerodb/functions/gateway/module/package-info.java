/**
 * What stands between an uploaded file and the registry: WAT is compiled, and every module is checked against the format,
 * the host's contract and the bounds of what the engine can take, before any of it is compiled or run.
 */
@NullMarked
package io.aerodb.functions.gateway.module;

import org.jspecify.annotations.NullMarked;
