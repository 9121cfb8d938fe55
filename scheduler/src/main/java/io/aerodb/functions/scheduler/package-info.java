/** Clock in, request records out: what is due goes on the events lane. */
@NullMarked
package io.aerodb.functions.scheduler;

import org.jspecify.annotations.NullMarked;
