package io.aerodb.functions.worker.fetch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.worker.wasm.HostError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a guest asks for: {@code {"method":"POST","url":"https://…","headers":{…},"body":"…"}}. All but the URL may be left out;
 * {@code body_base64} carries bytes in place of {@code body}'s text. A member it does not know is an error, so that no guest relies
 * on something that is not there.
 */
final class RequestJson {

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(16)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    /** What base64 and escapes add to a body, and room for everything else. */
    private static final int ROOM = 256 * 1024;

    private RequestJson() {}

    /** @param maxBodyBytes size of the body once it is bytes again */
    static FetchRequest parse(byte[] json, int maxBodyBytes) throws FetchException {
        if (json.length > 2L * maxBodyBytes + ROOM) {
            throw tooLarge(maxBodyBytes);
        }
        var method = "GET";
        var headers = new Headers();
        @Nullable Target target = null;
        byte @Nullable [] body = null;
        for (var member : object(json).properties()) {
            var value = member.getValue();
            switch (member.getKey()) {
                case "url" -> target = Target.parse(text("url", value));
                case "method" -> method = method(text("method", value));
                case "headers" -> headers = RequestHeaders.parse(value);
                case "body" -> body = only(body, value.isNull() ? null : utf8(text("body", value)));
                case "body_base64" -> body = only(body, value.isNull() ? null : base64(text("body_base64", value)));
                default -> throw invalid("the request has a member besides 'method', 'url', 'headers', 'body' and 'body_base64'");
            }
        }
        if (target == null) {
            throw invalid("the request must be an object with a 'url'");
        }
        if (body != null && body.length > maxBodyBytes) {
            throw tooLarge(maxBodyBytes);
        }
        var request = new FetchRequest(method, target, headers, body);
        if (body != null && request.takesNoBody()) {
            throw invalid("a request with the method " + method + " has no body");
        }
        return request;
    }

    private static JsonNode object(byte[] json) throws FetchException {
        try {
            var root = MAPPER.readTree(json);
            if (root.isObject()) {
                return root;
            }
        } catch (IOException e) {
            // Jackson's message may repeat what the guest sent, and the guest knows that
        }
        throw invalid("the request must be one JSON object in UTF-8, no member of it twice");
    }

    private static String method(String written) throws FetchException {
        var method = written.toUpperCase(Locale.ROOT);
        if (!FetchRequest.METHODS.contains(method)) {
            throw invalid("'method' must be one of GET, HEAD, OPTIONS, POST, PUT, PATCH and DELETE");
        }
        return method;
    }

    private static byte @Nullable [] only(byte @Nullable [] earlier, byte @Nullable [] body) throws FetchException {
        if (earlier != null && body != null) {
            throw invalid("a request has either 'body' or 'body_base64'");
        }
        return body == null ? earlier : body;
    }

    private static byte[] utf8(String text) throws FetchException {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            var bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw invalid("'body' has half of a surrogate pair: send bytes as 'body_base64'");
        }
    }

    private static byte[] base64(String text) throws FetchException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw invalid("'body_base64' must be base64 with the letters '+' and '/', without line breaks");
        }
    }

    private static String text(String member, JsonNode value) throws FetchException {
        if (!value.isTextual()) {
            throw invalid("'" + member + "' must be a text");
        }
        return value.textValue();
    }

    private static FetchException tooLarge(int maxBodyBytes) {
        return new FetchException(HostError.TOO_LARGE, "the body of a request has at most " + maxBodyBytes + " bytes");
    }

    private static FetchException invalid(String message) {
        return new FetchException(HostError.INVALID, message);
    }
}
