/** Takes request records, runs functions, answers, records. */
@NullMarked
package io.aerodb.functions.worker;

import org.jspecify.annotations.NullMarked;
