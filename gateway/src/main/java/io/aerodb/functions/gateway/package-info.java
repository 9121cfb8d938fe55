/** HTTP in, request record out, reply record in, HTTP out. */
@NullMarked
package io.aerodb.functions.gateway;

import org.jspecify.annotations.NullMarked;
