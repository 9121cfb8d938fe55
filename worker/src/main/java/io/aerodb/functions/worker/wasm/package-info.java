/** The sandbox that functions run in: the only place that knows the WebAssembly engines. */
@NullMarked
package io.aerodb.functions.worker.wasm;

import org.jspecify.annotations.NullMarked;
