/** What happens when processes die and servers go away: every test ends by checking that each accepted invocation has ended once. */
@NullMarked
package io.aerodb.functions.system.fault;

import org.jspecify.annotations.NullMarked;
