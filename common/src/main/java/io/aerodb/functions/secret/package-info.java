/** Encryption of the values that functions keep secret. */
@NullMarked
package io.aerodb.functions.secret;

import org.jspecify.annotations.NullMarked;
