/** Whether a webhook was signed by a sender that its function trusts, and which message it is. */
@NullMarked
package io.aerodb.functions.gateway.webhook;

import org.jspecify.annotations.NullMarked;
