/** What operators see of an invocation on its way through the services: spans, and the lines of the logs. The only door to OpenTelemetry. */
@NullMarked
package io.aerodb.functions.telemetry;

import org.jspecify.annotations.NullMarked;
