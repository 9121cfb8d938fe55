package io.aerodb.functions.source;

/** The member of signed claims that says which invocation makes a query. The worker puts it there; no token's own is passed on. */
public final class WriteCause {

    public static final String CLAIM = "aerodb_cause";
    /** Of the claim: the invocation's id. */
    public static final String INVOCATION = "invocation";
    /** Of the claim: how many invocations stand between it and what came from outside. */
    public static final String DEPTH = "depth";

    private WriteCause() {}
}
