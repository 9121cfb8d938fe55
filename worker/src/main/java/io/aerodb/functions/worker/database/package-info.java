/**
 * SQL that an untrusted guest wrote, run under the row-level security of the caller on whose behalf the guest runs.
 *
 * <p>{@link io.aerodb.functions.worker.database.GuestDatabase} is the door. Five layers keep the guest inside the caller's rights:
 * a login role per class of callers ({@code GuestPool}), a statement gate ({@code StatementGate}), revokes in the database
 * ({@code HardeningScript}), claims that only a worker can sign ({@code ClaimsSigner}), and bounds ({@code Watchdog},
 * {@code JsonOutput}). {@code DatabaseAudit} checks that they are there.
 */
@NullMarked
package io.aerodb.functions.worker.database;

import org.jspecify.annotations.NullMarked;
