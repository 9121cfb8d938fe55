/** What became of invocations: looking it up, waiting for it, calling it off, and the HTTP answer it stands for. */
@NullMarked
package io.aerodb.functions.gateway.outcome;

import org.jspecify.annotations.NullMarked;
