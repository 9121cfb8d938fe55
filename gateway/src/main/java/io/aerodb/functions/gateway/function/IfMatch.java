package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashSet;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;

/** Entity tags (RFC 9110) of functions: whoever sends the one that was shown changes nothing that has changed since. */
final class IfMatch {

    /** A tag, and what parts it from the next one. */
    private static final Pattern TAG = Pattern.compile("\\G[ \\t]*(W/)?\"([\\x21\\x23-\\x7e\\x80-\\xff]*)\"[ \\t]*(,|$)");

    private IfMatch() {}

    static String tag(DeployedFunction function) {
        return "\"" + function.revision() + "\"";
    }

    /**
     * Which revisions of a function the request is for: all, without the header.
     *
     * @throws ProblemException 400 if the header is malformed
     */
    static LongPredicate of(HttpServerRequest request) {
        return of(request.headers().getAll(HttpHeaders.IF_MATCH));
    }

    /** @param headers as often as it stands there */
    static LongPredicate of(List<String> headers) {
        var header = String.join(",", headers).strip();
        if (headers.isEmpty() || header.equals("*")) {
            return _ -> true;
        }
        var tags = new HashSet<String>();
        var matcher = TAG.matcher(header);
        var end = 0;
        while (matcher.find()) {
            if (matcher.group(1) == null) { // a weak one matches nothing
                tags.add(matcher.group(2));
            }
            end = matcher.end();
        }
        if (end < header.length() || header.isEmpty() || header.endsWith(",")) {
            throw new ProblemException(Problem.invalidRequest(
                    "the header If-Match is neither * nor a list of entity tags in quotes, as the header ETag of an answer has them"));
        }
        return revision -> tags.contains(String.valueOf(revision));
    }
}
