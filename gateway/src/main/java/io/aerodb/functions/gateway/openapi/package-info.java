/** The OpenAPI document, and the routes that are made of it. */
@NullMarked
package io.aerodb.functions.gateway.openapi;

import org.jspecify.annotations.NullMarked;
