package io.aerodb.functions.gateway.follow;

/** Why a stream of events is over; the client is told, and may come back. */
enum StreamEnd {
    STOPPING("this gateway is being stopped; connect again"),
    FUNCTION_DELETED("the function was removed"),
    TOO_SLOW("the events were not read as fast as they came; connect again to go on where this ended"),
    OUT_OF_TIME("a stream lasts an hour at most; connect again to go on where this ended"),
    UNAVAILABLE("the outcome log cannot be read for now; connect again to go on where this ended");

    private final String detail;

    StreamEnd(String detail) {
        this.detail = detail;
    }

    String detail() {
        return detail;
    }
}
