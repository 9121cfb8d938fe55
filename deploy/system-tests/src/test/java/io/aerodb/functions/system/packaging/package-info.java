/** What the services are packaged as: images, {@code compose.yaml} and the Helm chart, held against what the services read and need. */
@NullMarked
package io.aerodb.functions.system.packaging;

import org.jspecify.annotations.NullMarked;
