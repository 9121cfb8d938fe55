/** What is deployed: a name, its versions, their modules, its configuration. */
@NullMarked
package io.aerodb.functions.function;

import org.jspecify.annotations.NullMarked;
