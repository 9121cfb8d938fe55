/** What the gateway puts on the log for workers and recorders, and reads from it again. */
@NullMarked
package io.aerodb.functions.gateway.lane;

import org.jspecify.annotations.NullMarked;
