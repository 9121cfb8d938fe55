/**
 * PostgreSQL's wire protocol, version 3, as far as a guest's statement needs it: the text goes to the server exactly as it was
 * written, several messages share one round trip, and every answer is measured by its header before a byte of it is kept.
 */
@NullMarked
package io.aerodb.functions.worker.database.wire;

import org.jspecify.annotations.NullMarked;
