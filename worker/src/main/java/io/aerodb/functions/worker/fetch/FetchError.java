package io.aerodb.functions.worker.fetch;

/** The ways in which a fetch can fail, as the guest ABI numbers them. */
public enum FetchError {
    /** The call itself makes no sense, such as a URL that is none. */
    INVALID(-2, "invalid"),
    /** The function may not call this host, or nobody may call this address. */
    DENIED(-3, "denied"),
    /** The function's deadline came first. */
    DEADLINE(-5, "deadline"),
    /** More bytes than a guest may send or be sent. */
    TOO_LARGE(-6, "too_large"),
    /** The host cannot be found or reached, or does not answer in HTTP. */
    UNAVAILABLE(-7, "unavailable");

    private final int number;
    private final String code;

    FetchError(int number, String code) {
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
