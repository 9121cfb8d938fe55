/** One execution for all requests that carry the same key. */
@NullMarked
package io.aerodb.functions.gateway.idempotency;

import org.jspecify.annotations.NullMarked;
