package io.aerodb.functions.gateway.outcome;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.invocation.HttpCall.Header;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The HTTP answer that a function's output stands for: either the output itself, or what an object with {@code statusCode},
 * {@code headers} and {@code body} describes.
 *
 * @param headers names in lower case
 */
record FunctionResponse(int status, List<Header> headers, byte[] body) {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final JsonFactory FACTORY = MAPPER.getFactory();
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]{1,256}");
    private static final Set<String> HOP_BY_HOP = Set.of("connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
            "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length");

    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String BYTES = "application/octet-stream";

    FunctionResponse {
        headers = List.copyOf(headers);
    }

    /** What the function wrote is an answer that HTTP does not allow. */
    static final class BadResponseException extends Exception {

        private static final long serialVersionUID = 1L;

        BadResponseException(String message) {
            super(message);
        }
    }

    /** What an output turned out to be. */
    private enum Kind {
        DESCRIBED_RESPONSE,
        JSON,
        BYTES
    }

    static FunctionResponse of(byte[] output) throws BadResponseException {
        if (output.length == 0) {
            return new FunctionResponse(200, List.of(), output);
        }
        return switch (kind(output)) {
            case DESCRIBED_RESPONSE -> described(output);
            case JSON -> new FunctionResponse(200, contentType(JSON), output);
            case BYTES -> new FunctionResponse(200, contentType(BYTES), output);
        };
    }

    /** Looks through the output once, without building anything from it. */
    private static Kind kind(byte[] output) {
        var described = false;
        var empty = true;
        for (var one : output) {
            if (one == 0) {
                return Kind.BYTES; // JSON text has no NUL; a parser might take it for another encoding
            }
        }
        try (var parser = FACTORY.createParser(output)) {
            var depth = 0;
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                empty = false;
                if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
                    depth++;
                } else if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
                    depth--;
                } else if (token == JsonToken.FIELD_NAME && depth == 1 && parser.currentName().equals("statusCode")) {
                    described = true;
                }
                if (depth == 0 && parser.nextToken() != null) {
                    return Kind.BYTES; // several values in a row are no JSON text
                }
            }
            return empty ? Kind.BYTES : described ? Kind.DESCRIBED_RESPONSE : Kind.JSON;
        } catch (IOException e) {
            return Kind.BYTES;
        }
    }

    private static FunctionResponse described(byte[] output) throws BadResponseException {
        JsonNode root;
        try {
            root = MAPPER.readTree(output);
        } catch (IOException e) {
            throw new BadResponseException("the response object is not valid JSON");
        }
        var statusCode = root.path("statusCode");
        if (!statusCode.isIntegralNumber() || !statusCode.canConvertToInt() || statusCode.intValue() < 200 || statusCode.intValue() > 599) {
            throw new BadResponseException("statusCode must be an integer from 200 to 599");
        }
        var headers = headers(root.path("headers"));
        if (statusCode.intValue() == 204 || statusCode.intValue() == 304) {
            return new FunctionResponse(statusCode.intValue(), headers, new byte[0]); // HTTP allows these no body
        }
        var body = root.path("body");
        var bytes = body.isMissingNode() || body.isNull() ? new byte[0]
                : body.isTextual() ? body.textValue().getBytes(StandardCharsets.UTF_8)
                : body.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0 && headers.stream().noneMatch(header -> header.name().equals("content-type"))) {
            headers.add(new Header("content-type", body.isTextual() && kind(bytes) == Kind.BYTES ? TEXT : JSON));
        }
        return new FunctionResponse(statusCode.intValue(), headers, bytes);
    }

    private static List<Header> headers(JsonNode node) throws BadResponseException {
        if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
            throw new BadResponseException("headers must be an object");
        }
        var headers = new ArrayList<Header>();
        for (var member : node.properties()) {
            var name = member.getKey().toLowerCase(Locale.ROOT);
            if (!TOKEN.matcher(name).matches()) {
                throw new BadResponseException("a header has a name that HTTP does not allow");
            }
            if (HOP_BY_HOP.contains(name)) {
                throw new BadResponseException("the header '" + name + "' is not the function's to set");
            }
            if (member.getValue().isArray()) {
                for (var value : member.getValue()) {
                    headers.add(header(name, value));
                }
            } else {
                headers.add(header(name, member.getValue()));
            }
        }
        return headers;
    }

    private static Header header(String name, JsonNode value) throws BadResponseException {
        var text = value.asText();
        if (!value.isValueNode() || value.isNull() || !text.chars().allMatch(c -> c == '\t' || (c >= 0x20 && c < 0x7f) || (c > 0x9f && c <= 0xff))) {
            throw new BadResponseException("the header '" + name + "' has a value that HTTP does not allow");
        }
        return new Header(name, text);
    }

    private static List<Header> contentType(String type) {
        return List.of(new Header("content-type", type));
    }
}
