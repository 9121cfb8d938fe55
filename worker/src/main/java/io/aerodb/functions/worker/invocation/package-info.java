/** From a request record to its outcome: polling, slots, running, answering, committing. */
@NullMarked
package io.aerodb.functions.worker.invocation;

import org.jspecify.annotations.NullMarked;
