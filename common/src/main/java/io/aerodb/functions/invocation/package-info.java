/** One request to run a function, and how it ended. */
@NullMarked
package io.aerodb.functions.invocation;

import org.jspecify.annotations.NullMarked;
