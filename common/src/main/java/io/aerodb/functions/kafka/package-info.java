/** The log between the services: topics, records, client settings. */
@NullMarked
package io.aerodb.functions.kafka;

import org.jspecify.annotations.NullMarked;
