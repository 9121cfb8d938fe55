/** On whose behalf an invocation runs. */
@NullMarked
package io.aerodb.functions.identity;

import org.jspecify.annotations.NullMarked;
