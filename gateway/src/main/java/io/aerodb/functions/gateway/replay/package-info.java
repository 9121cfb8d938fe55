/** Running recorded requests again: one by its id, or many by a filter. */
@NullMarked
package io.aerodb.functions.gateway.replay;

import org.jspecify.annotations.NullMarked;
