/** The calls that have a trigger told of the rows that its table has already. The trigger bridge does it. */
@NullMarked
package io.aerodb.functions.gateway.backfill;

import org.jspecify.annotations.NullMarked;
