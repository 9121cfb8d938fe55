/** Everything on one machine: an embedded broker and database, a gateway in this JVM, workers as supervised child JVMs. */
@NullMarked
package io.aerodb.functions.launcher;

import org.jspecify.annotations.NullMarked;
