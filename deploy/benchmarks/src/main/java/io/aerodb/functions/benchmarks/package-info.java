/** Measures the sandbox and the way from HTTP to HTTP; what the figures mean is told in docs/performance.md. */
@NullMarked
package io.aerodb.functions.benchmarks;

import org.jspecify.annotations.NullMarked;
