/** The product as its users meet it: over HTTP, with a real broker and a real database. */
@NullMarked
package io.aerodb.functions.system;

import org.jspecify.annotations.NullMarked;
