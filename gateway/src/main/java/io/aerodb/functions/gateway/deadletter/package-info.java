/** What could not be run, as a list to look through. */
@NullMarked
package io.aerodb.functions.gateway.deadletter;

import org.jspecify.annotations.NullMarked;
