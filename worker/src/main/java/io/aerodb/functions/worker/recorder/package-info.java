/** From the outcome log and the dead letters to their rows, and how long rows are kept. */
@NullMarked
package io.aerodb.functions.worker.recorder;

import org.jspecify.annotations.NullMarked;
