/** One request to run a function, and what became of it. */
@NullMarked
package io.aerodb.functions.invocation;

import org.jspecify.annotations.NullMarked;
