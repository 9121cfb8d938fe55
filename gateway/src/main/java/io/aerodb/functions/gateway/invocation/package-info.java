/** The invocation path: an HTTP call becomes a record, the reply becomes an HTTP answer. */
@NullMarked
package io.aerodb.functions.gateway.invocation;

import org.jspecify.annotations.NullMarked;
