/** Keeps the values of secrets out of what is logged and recorded. */
@NullMarked
package io.aerodb.functions.worker.redaction;

import org.jspecify.annotations.NullMarked;
