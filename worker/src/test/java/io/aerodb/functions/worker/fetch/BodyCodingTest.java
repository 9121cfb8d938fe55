package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.worker.wasm.HostError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyCodingTest {

    private static final byte[] PLAIN = "hello hello hello".getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZIP", "x-gzip"})
    void decompressesGzip(String coding) throws Exception {
        var decoded = BodyCoding.decoded(answer(coding, gzip(PLAIN)), 100);
        assertArrayEquals(PLAIN, decoded.body());
        assertFalse(decoded.headers().has("content-encoding"));
        assertFalse(decoded.headers().has("content-length"));
    }

    @Test
    void decompressesDeflateWithAndWithoutItsHeader() throws Exception {
        assertArrayEquals(PLAIN, BodyCoding.decoded(answer("deflate", deflate(false)), 100).body());
        assertArrayEquals(PLAIN, BodyCoding.decoded(answer("deflate", deflate(true)), 100).body());
    }

    @Test
    void leavesOtherCodingsToTheGuest() throws Exception {
        for (var coding : new String[] {"br", "zstd", "identity", "gzip, gzip"}) {
            var answer = answer(coding, PLAIN);
            assertSame(answer, BodyCoding.decoded(answer, 100));
        }
        var twice = answer("gzip", PLAIN);
        twice.headers().add("content-encoding", "gzip");
        assertSame(twice, BodyCoding.decoded(twice, 100));
        var none = new ReceivedAnswer(200, new Headers(), PLAIN);
        assertSame(none, BodyCoding.decoded(none, 100));
    }

    @Test
    void leavesPartsAndMissingBodiesAlone() throws Exception {
        var part = new ReceivedAnswer(206, answer("gzip", PLAIN).headers(), PLAIN);
        assertSame(part, BodyCoding.decoded(part, 100));
        var empty = answer("gzip", new byte[0]);
        assertSame(empty, BodyCoding.decoded(empty, 100));
    }

    @Test
    void stopsAtTheLargestSize() throws Exception {
        assertEquals(PLAIN.length, BodyCoding.decoded(answer("gzip", gzip(PLAIN)), PLAIN.length).body().length);
        assertEquals(HostError.TOO_LARGE, failure(answer("gzip", gzip(PLAIN)), PLAIN.length - 1));
        // 300 MB of zeros in 300 KB, more than the test's JVM could keep a few of
        var bomb = bomb();
        assertEquals(HostError.TOO_LARGE, failure(answer("gzip", bomb), 1 << 20));
    }

    @Test
    void tellsThatABodyIsBroken() throws Exception {
        var whole = gzip(PLAIN);
        assertEquals(HostError.UNAVAILABLE, failure(answer("gzip", Arrays.copyOf(whole, whole.length / 2)), 100));
        assertEquals(HostError.UNAVAILABLE, failure(answer("gzip", PLAIN), 100));
        assertEquals(HostError.UNAVAILABLE, failure(answer("deflate", PLAIN), 100));
    }

    private static HostError failure(ReceivedAnswer answer, int maxBytes) {
        return assertThrows(FetchException.class, () -> BodyCoding.decoded(answer, maxBytes)).error();
    }

    private static ReceivedAnswer answer(String coding, byte[] body) {
        var headers = new Headers();
        headers.add("content-encoding", coding);
        headers.add("content-length", String.valueOf(body.length));
        return new ReceivedAnswer(200, headers, body);
    }

    static byte[] gzip(byte[] plain) throws IOException {
        return compressed(plain, bytes -> {
            try {
                return new GZIPOutputStream(bytes);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    static byte[] bomb() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var stream = new GZIPOutputStream(bytes)) {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 300; i++) {
                stream.write(zeros);
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] deflate(boolean bare) throws IOException {
        return compressed(PLAIN, bytes -> new DeflaterOutputStream(bytes, new Deflater(Deflater.BEST_SPEED, bare)));
    }

    private static byte[] compressed(byte[] plain, Function<OutputStream, OutputStream> coding) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var stream = coding.apply(bytes)) {
            stream.write(plain);
        }
        return bytes.toByteArray();
    }
}
