/** What a function can read under a key. */
@NullMarked
package io.aerodb.functions.worker.environment;

import org.jspecify.annotations.NullMarked;
