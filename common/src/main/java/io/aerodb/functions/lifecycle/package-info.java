/** Starting, stopping and reporting the health of a service. */
@NullMarked
package io.aerodb.functions.lifecycle;

import org.jspecify.annotations.NullMarked;
