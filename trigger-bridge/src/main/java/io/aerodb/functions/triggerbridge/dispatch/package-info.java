/** From row changes to the invocations that they ask for. */
@NullMarked
package io.aerodb.functions.triggerbridge.dispatch;

import org.jspecify.annotations.NullMarked;
