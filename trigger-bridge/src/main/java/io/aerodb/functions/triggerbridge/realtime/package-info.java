/** Tables whose committed changes are published for subscribers. */
@NullMarked
package io.aerodb.functions.triggerbridge.realtime;

import org.jspecify.annotations.NullMarked;
