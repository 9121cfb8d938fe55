/** The {@code aerofn} command. */
@NullMarked
package io.aerodb.functions.cli;

import org.jspecify.annotations.NullMarked;
