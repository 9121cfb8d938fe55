package io.aerodb.functions.identity;

import java.util.Optional;

/** What a caller may do; the {@code role} claim of its token, and the PostgreSQL role its queries run under. */
public enum Role {
    ANON("anon"),
    AUTHENTICATED("authenticated"),
    SERVICE("service_role");

    private final String claim;

    Role(String claim) {
        this.claim = claim;
    }

    /** The role as it stands in tokens, records and rows. */
    public String claim() {
        return claim;
    }

    public static Optional<Role> fromClaim(String claim) {
        for (var role : values()) {
            if (role.claim.equals(claim)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
