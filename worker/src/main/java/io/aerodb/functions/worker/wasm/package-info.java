/** The sandbox that functions run in: the only place that knows the WebAssembly engine. */
@NullMarked
package io.aerodb.functions.worker.wasm;

import org.jspecify.annotations.NullMarked;
