package io.aerodb.functions.gateway.module;

import io.aerodb.functions.function.ModuleHash;

/**
 * A module that keeps every rule: valid, within bounds, importing only what the host offers, exporting what it calls.
 *
 * @param wasm the binary module as uploaded, or as compiled from WAT; not copied, not to be changed
 * @param hash of {@code wasm}
 */
public record CheckedModule(byte[] wasm, ModuleHash hash) {}
