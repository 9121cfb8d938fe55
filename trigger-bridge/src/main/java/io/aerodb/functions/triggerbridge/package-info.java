/** Committed row changes in, request records out. */
@NullMarked
package io.aerodb.functions.triggerbridge;

import org.jspecify.annotations.NullMarked;
