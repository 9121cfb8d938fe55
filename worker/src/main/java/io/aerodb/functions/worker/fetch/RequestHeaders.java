package io.aerodb.functions.worker.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.worker.wasm.HostError;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the headers of a request, {@code {"name":"value","other":["one","two"]}}, and refuses those that are not the guest's to set. */
final class RequestHeaders {

    private static final int MAX_CHARACTERS = 32 * 1024;
    private static final int MAX_VALUES = 200;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}");
    /** Those that steer the connection, or that follow from the URL and the body. */
    private static final Set<String> FORBIDDEN = Set.of("host", "connection", "content-length", "transfer-encoding", "upgrade", "keep-alive",
            "te", "trailer", "expect", "http2-settings", "via");

    private RequestHeaders() {}

    static Headers parse(JsonNode json) throws FetchException {
        if (!json.isObject()) {
            throw invalid("'headers' must be an object of texts or arrays of texts");
        }
        var headers = new Headers();
        var characters = 0;
        var count = 0;
        for (var member : json.properties()) {
            var name = name(member.getKey());
            if (headers.has(name)) {
                throw invalid("the header '" + name + "' stands twice: give an array of its values");
            }
            var value = member.getValue();
            if (value.isArray() && value.isEmpty()) {
                throw invalid("the header '" + name + "' has an empty array: leave it out");
            }
            for (var one : value.isArray() ? value : Set.of(value)) {
                var text = value(name, one);
                headers.add(name, text);
                characters += name.length() + text.length();
                count++;
            }
        }
        if (characters > MAX_CHARACTERS || count > MAX_VALUES) {
            throw new FetchException(HostError.TOO_LARGE, "a request has at most " + MAX_VALUES + " headers with " + MAX_CHARACTERS + " characters");
        }
        return headers;
    }

    private static String name(String written) throws FetchException {
        if (!NAME.matcher(written).matches()) {
            throw invalid("the name of a header has 1 to 256 letters, digits or any of !#$%&'*+.^_`|~-");
        }
        var name = written.toLowerCase(Locale.ROOT);
        if (FORBIDDEN.contains(name) || name.startsWith("proxy-")) {
            throw invalid("the header '" + name + "' cannot be set by a function");
        }
        return name;
    }

    private static String value(String name, JsonNode json) throws FetchException {
        if (!json.isTextual()) {
            throw invalid("the value of the header '" + name + "' must be a text or an array of texts");
        }
        var text = json.textValue();
        if (!text.chars().allMatch(character -> character >= ' ' && character < 0x7F || character == '\t')) {
            throw invalid("the value of the header '" + name + "' must be printable ASCII, without line breaks");
        }
        return text.strip();
    }

    private static FetchException invalid(String message) {
        return new FetchException(HostError.INVALID, message);
    }
}
