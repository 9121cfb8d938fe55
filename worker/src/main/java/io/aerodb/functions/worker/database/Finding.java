package io.aerodb.functions.worker.database;

/**
 * Something that keeps a database from being safe for guests.
 *
 * @param problem what is missing or too much
 * @param mend the statement that mends it, or what to do where no statement does
 * @param isOftenForbidden whether managed databases may not let their users mend it
 */
public record Finding(Layer layer, String problem, String mend, boolean isOftenForbidden) {

    /** What a finding is about. */
    public enum Layer {
        SERVER,
        ROLES,
        REVOKES,
        CLAIMS,
        BOUNDS
    }

    @Override
    public String toString() {
        return problem + "; to mend it: " + mend;
    }
}
