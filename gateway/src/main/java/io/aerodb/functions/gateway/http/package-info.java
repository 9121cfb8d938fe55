/** Routes, answers and errors of the HTTP API. */
@NullMarked
package io.aerodb.functions.gateway.http;

import org.jspecify.annotations.NullMarked;
