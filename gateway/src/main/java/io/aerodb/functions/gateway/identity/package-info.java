/** From a bearer token to an identity. */
@NullMarked
package io.aerodb.functions.gateway.identity;

import org.jspecify.annotations.NullMarked;
