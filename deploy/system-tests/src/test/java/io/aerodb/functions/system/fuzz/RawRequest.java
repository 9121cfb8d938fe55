package io.aerodb.functions.system.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A request as bytes that need not be HTTP.
 *
 * @param headers whole lines, each character one byte; the host and the length of the body are added
 */
public record RawRequest(String method, String target, List<String> headers, byte[] body) {

    private static final int SHOWN = 1500;

    public RawRequest {
        headers = List.copyOf(headers);
    }

    byte[] bytes() {
        var bytes = new ByteArrayOutputStream();
        line(bytes, method + " " + target + " HTTP/1.1");
        line(bytes, "Host: localhost");
        headers.forEach(header -> line(bytes, header));
        line(bytes, "Content-Length: " + body.length);
        line(bytes, "");
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }

    private static void line(ByteArrayOutputStream bytes, String text) {
        bytes.writeBytes((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    boolean hasHeader(String beginning) {
        return headers.stream().anyMatch(header -> header.startsWith(beginning));
    }

    String bodyText() {
        return new String(body, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        var shown = new StringBuilder();
        for (var value : bytes()) {
            if (shown.length() > SHOWN) {
                return shown.append("… ").append(body.length).append(" bytes of body").toString();
            }
            if (value == '\n' || value >= ' ' && value < 0x7f) {
                shown.append((char) value);
            } else if (value != '\r') {
                shown.append("\\x%02x".formatted(value));
            }
        }
        return shown.toString();
    }
}
