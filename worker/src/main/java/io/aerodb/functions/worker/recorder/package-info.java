/** From the outcome log to the rows of function_invocations. */
@NullMarked
package io.aerodb.functions.worker.recorder;

import org.jspecify.annotations.NullMarked;
