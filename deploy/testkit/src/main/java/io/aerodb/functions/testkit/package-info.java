/**
 * Real Kafka and PostgreSQL for tests: in containers where Docker answers, embedded where it does not. This is the one
 * place that knows which; tests see no difference. And modules that no compiler would write.
 */
@NullMarked
package io.aerodb.functions.testkit;

import org.jspecify.annotations.NullMarked;
