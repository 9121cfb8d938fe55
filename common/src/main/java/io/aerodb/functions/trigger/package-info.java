/** What runs a function other than a call: parts of its configuration, each with an id and a row of its own. */
@NullMarked
package io.aerodb.functions.trigger;

import org.jspecify.annotations.NullMarked;
