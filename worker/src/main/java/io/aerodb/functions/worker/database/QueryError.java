package io.aerodb.functions.worker.database;

/** The ways in which a query can fail, as the guest ABI numbers them. */
public enum QueryError {
    /** The call itself makes no sense, such as parameters that are no JSON array. */
    INVALID(-2, "invalid"),
    /** The caller's role may not do this. */
    DENIED(-3, "denied"),
    /** PostgreSQL refused the statement or gave it up. */
    DATABASE(-4, "database"),
    /** The function's deadline came first. */
    DEADLINE(-5, "deadline"),
    /** More rows or bytes than a guest may ask for. */
    TOO_LARGE(-6, "too_large"),
    /** There is no database, or it is away. */
    UNAVAILABLE(-7, "unavailable");

    private final int number;
    private final String code;

    QueryError(int number, String code) {
        this.number = number;
        this.code = code;
    }

    /** What the host call returns. */
    public int number() {
        return number;
    }

    /** What the body names it. */
    public String code() {
        return code;
    }
}
