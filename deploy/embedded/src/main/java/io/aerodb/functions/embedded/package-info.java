/** A real Kafka broker and a real PostgreSQL server that live and die with this JVM. */
@NullMarked
package io.aerodb.functions.embedded;

import org.jspecify.annotations.NullMarked;
