/** Metrics under the names that operators know. */
@NullMarked
package io.aerodb.functions.metrics;

import org.jspecify.annotations.NullMarked;
