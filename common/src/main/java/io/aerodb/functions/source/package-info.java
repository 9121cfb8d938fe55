/** The application's database as a source of events: whose row changes are captured, and who made them. */
@NullMarked
package io.aerodb.functions.source;

import org.jspecify.annotations.NullMarked;
