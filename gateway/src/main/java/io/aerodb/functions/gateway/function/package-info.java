/** Deploying, describing and removing functions. */
@NullMarked
package io.aerodb.functions.gateway.function;

import org.jspecify.annotations.NullMarked;
