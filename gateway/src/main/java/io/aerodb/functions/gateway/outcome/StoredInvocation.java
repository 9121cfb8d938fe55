package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.InvocationStatus;
import java.util.Objects;
import java.util.Optional;

/**
 * An invocation as the database knows it.
 *
 * @param entry with the status {@code running} where a worker that is alive has claimed it
 */
public record StoredInvocation(InvocationEntry entry) {

    /** Blocks. @return empty also while the recorder has not got to it */
    public static Optional<StoredInvocation> find(InvocationLog log, InvocationId id) {
        return log.find(id).map(StoredInvocation::new);
    }

    public InvocationId id() {
        return new InvocationId(entry.id());
    }

    /** Whether nothing will follow by itself. */
    public boolean hasEnded() {
        return InvocationStatus.fromLabel(entry.status()).map(InvocationStatus::isTerminal).orElse(true);
    }

    /** Whether it has ended without the function having run even once. */
    public boolean neverRan() {
        return (is(InvocationStatus.REJECTED) || is(InvocationStatus.EXPIRED)) && entry.attempt() == 1 && entry.startedAt() == null;
    }

    boolean is(InvocationStatus status) {
        return entry.status().equals(status.label());
    }

    /** The attempt that would run next: the one that the row is about, unless that has ended. */
    int nextAttempt() {
        return entry.finishedAt() == null ? entry.attempt() : entry.attempt() + 1;
    }

    /** Whether the caller may know of it: it is theirs, or they may know everything. */
    boolean isVisibleTo(Identity caller) {
        return caller.role() == Role.SERVICE
                || caller.role().claim().equals(entry.role()) && Objects.equals(caller.subject(), entry.user());
    }
}
