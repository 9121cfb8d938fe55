package io.aerodb.functions.gateway.function;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClosingBoundaryTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000})
    void findsTheEndHoweverTheBodyIsCutIntoChunks(int chunk) {
        var body = "--the-b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" + "y".repeat(500) + "\r\n--the-b--\r\n";
        assertEquals(true, isThere("multipart/form-data; boundary=the-b", body, chunk));
        assertEquals(false, isThere("multipart/form-data; boundary=the-b", body.substring(0, body.length() - 4), chunk));
        assertEquals(false, isThere("multipart/form-data; boundary=the-b", body + "z".repeat(200), chunk));
    }

    @ParameterizedTest
    @CsvSource({"multipart/form-data; boundary=Ab, --Ab--", "multipart/form-data; charset=utf-8; BOUNDARY=\"A b\"; x=y, --A b--", "multipart/form-data;boundary=Ab;x=y, --Ab--"})
    void knowsTheBoundaryHoweverItIsWritten(String contentType, String end) {
        assertEquals(true, isThere(contentType, "x\r\n" + end + "\r\n", 3));
        assertEquals(false, isThere(contentType, "x\r\n--ab--", 3));
    }

    private static boolean isThere(String contentType, String body, int chunk) {
        var boundary = new ClosingBoundary(contentType);
        for (var start = 0; start < body.length(); start += chunk) {
            boundary.received(Buffer.buffer(body.substring(start, Math.min(body.length(), start + chunk))));
        }
        return boundary.isThere();
    }
}
