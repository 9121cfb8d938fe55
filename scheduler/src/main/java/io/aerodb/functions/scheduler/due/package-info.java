/** Invocations whose time has come: from {@code due_invocations} to the events lane. */
@NullMarked
package io.aerodb.functions.scheduler.due;

import org.jspecify.annotations.NullMarked;
