/** Which calls of a function are taken, and which are refused before anything is made of them. */
@NullMarked
package io.aerodb.functions.admission;

import org.jspecify.annotations.NullMarked;
