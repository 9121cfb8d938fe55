/** Our own schema in PostgreSQL: connections and migrations. */
@NullMarked
package io.aerodb.functions.database;

import org.jspecify.annotations.NullMarked;
