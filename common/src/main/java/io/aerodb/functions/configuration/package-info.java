/** Settings from the environment and a file, checked all at once. */
@NullMarked
package io.aerodb.functions.configuration;

import org.jspecify.annotations.NullMarked;
