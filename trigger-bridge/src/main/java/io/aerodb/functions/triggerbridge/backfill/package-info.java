/** Backfills: rows that a table had before anybody changed them, told to a trigger at a pace. */
@NullMarked
package io.aerodb.functions.triggerbridge.backfill;

import org.jspecify.annotations.NullMarked;
