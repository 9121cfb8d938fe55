/** Random requests, sent byte for byte, and what every answer to them must keep to. */
@NullMarked
package io.aerodb.functions.system.fuzz;

import org.jspecify.annotations.NullMarked;
