package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.worker.invocation.OffsetMarks.Mark;
import io.aerodb.functions.worker.invocation.OffsetMarks.Span;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What is known of the records behind a committed offset, as the text that is committed along with it. Each span is two numbers of seven
 * bits a byte, the higher ones last: how far it starts behind the one before, and twice its length less one, odd where its records run.
 */
final class CommitMetadata {

    private static final String VERSION = "aerofn1:";
    /** Brokers take 4096 bytes unless they are told otherwise. */
    private static final int MAX_BYTES = (4096 - VERSION.length()) / 4 * 3;

    private CommitMetadata() {}

    /**
     * @param base the offset that is committed
     * @param spans in order, from there on
     * @return empty if there is nothing to say; what does not fit is left out, from the end
     */
    static String encode(long base, Iterable<Span> spans) {
        var bytes = new ByteArrayOutputStream();
        var position = base;
        for (var span : spans) {
            var one = new ByteArrayOutputStream();
            write(one, span.from() - position);
            write(one, (span.end() - span.from() - 1) << 1 | (span.mark() == Mark.RUNNING ? 1 : 0));
            if (bytes.size() + one.size() > MAX_BYTES) {
                break;
            }
            bytes.writeBytes(one.toByteArray());
            position = span.end();
        }
        return bytes.size() == 0 ? "" : VERSION + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    }

    /** Knows nothing where the text is not one of ours, or broken. */
    static OffsetMarks decode(long base, String metadata) {
        if (!metadata.startsWith(VERSION)) {
            return OffsetMarks.none();
        }
        try {
            var bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(metadata.substring(VERSION.length())));
            return OffsetMarks.of(spans(base, bytes));
        } catch (IllegalArgumentException | ArithmeticException e) {
            return OffsetMarks.none();
        }
    }

    private static List<Span> spans(long base, ByteBuffer bytes) {
        var spans = new ArrayList<Span>();
        var position = base;
        while (bytes.hasRemaining()) {
            var from = Math.addExact(position, read(bytes));
            var length = read(bytes);
            position = Math.addExact(from, (length >> 1) + 1);
            spans.add(new Span(from, position, (length & 1) == 1 ? Mark.RUNNING : Mark.DONE));
        }
        return spans;
    }

    private static void write(ByteArrayOutputStream bytes, long number) {
        var rest = number;
        for (; rest > 0x7f; rest >>>= 7) {
            bytes.write((int) (rest & 0x7f | 0x80));
        }
        bytes.write((int) rest);
    }

    private static long read(ByteBuffer bytes) {
        long number = 0;
        for (var shift = 0; shift < Long.SIZE - 1; shift += 7) {
            if (!bytes.hasRemaining()) {
                throw new IllegalArgumentException("the last number has no end");
            }
            var next = bytes.get();
            number |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw new IllegalArgumentException("a number is too large");
    }
}
