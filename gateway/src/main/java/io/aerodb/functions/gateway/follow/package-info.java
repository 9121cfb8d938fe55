/** Following invocations live: one reader of the outcome log for all who follow. */
@NullMarked
package io.aerodb.functions.gateway.follow;

import org.jspecify.annotations.NullMarked;
