package io.aerodb.functions.invocation;

import java.util.List;

/**
 * The HTTP request behind an invocation, as the function may see it.
 *
 * @param path what follows the function's name, {@code /} at least
 * @param query without the question mark, still encoded; empty where there is none
 * @param headers in the order received, repeated ones repeated, names in lower case, without credentials
 */
public record HttpCall(String method, String path, String query, List<Header> headers) {

    public HttpCall {
        headers = List.copyOf(headers);
    }

    public record Header(String name, String value) {}
}
