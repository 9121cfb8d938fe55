/** Small transactions, one after another, in each of which requests are read again and put on the events lane. */
@NullMarked
package io.aerodb.functions.scheduler.batch;

import org.jspecify.annotations.NullMarked;
