package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.worker.wasm.HostError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** Decompresses bodies, never further than to the largest size a guest may be given. */
final class BodyCoding {

    /** What the worker asks hosts for. */
    static final String ACCEPTED = "gzip, deflate";

    private static final int PARTIAL_CONTENT = 206;
    private static final Set<String> OUTDATED_ONCE_DECODED = Set.of("content-encoding", "content-length");

    private BodyCoding() {}

    /** @return the answer as it was before gzip or deflate; the same if neither, or several codings, were applied */
    static ReceivedAnswer decoded(ReceivedAnswer answer, int maxBytes) throws FetchException {
        var codings = answer.headers().all("content-encoding");
        if (codings.size() != 1 || answer.body().length == 0 || answer.status() == PARTIAL_CONTENT) {
            return answer;
        }
        var body = answer.body();
        return switch (codings.getFirst().toLowerCase(Locale.ROOT)) {
            case "gzip", "x-gzip" -> decoded(answer, "gzip", () -> new GZIPInputStream(new ByteArrayInputStream(body)), maxBytes);
            case "deflate" -> inflated(answer, maxBytes);
            default -> answer;
        };
    }

    private static ReceivedAnswer inflated(ReceivedAnswer answer, int maxBytes) throws FetchException {
        var inflater = new Inflater(!hasZlibHeader(answer.body()));
        try {
            return decoded(answer, "deflate", () -> new InflaterInputStream(new ByteArrayInputStream(answer.body()), inflater), maxBytes);
        } finally {
            inflater.end();
        }
    }

    /** Some servers send the bare stream under the name of the one with a header. */
    private static boolean hasZlibHeader(byte[] body) {
        return body.length >= 2 && (body[0] & 0x0F) == 8 && ((body[0] & 0xFF) << 8 | body[1] & 0xFF) % 31 == 0;
    }

    private static ReceivedAnswer decoded(ReceivedAnswer answer, String coding, Opening opening, int maxBytes) throws FetchException {
        try (var stream = opening.open()) {
            var plain = stream.readNBytes(maxBytes + 1);
            if (plain.length > maxBytes) {
                throw tooLarge(maxBytes);
            }
            return new ReceivedAnswer(answer.status(), answer.headers().without(OUTDATED_ONCE_DECODED), plain);
        } catch (IOException e) {
            throw new FetchException(HostError.UNAVAILABLE, "the body of the answer is not valid " + coding);
        }
    }

    static FetchException tooLarge(int maxBytes) {
        return new FetchException(HostError.TOO_LARGE, "the body of the answer has more than " + maxBytes + " bytes");
    }

    @FunctionalInterface
    private interface Opening {
        InputStream open() throws IOException;
    }
}
