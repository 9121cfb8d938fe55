/** From a module's hash to something that can be run. */
@NullMarked
package io.aerodb.functions.worker.module;

import org.jspecify.annotations.NullMarked;
