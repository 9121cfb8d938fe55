/** From PostgreSQL's log to row changes: the replication slot, and how far it has been read. */
@NullMarked
package io.aerodb.functions.triggerbridge.capture;

import org.jspecify.annotations.NullMarked;
