package io.aerodb.functions.system.fuzz;

import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.quicktheories.core.Gen;

/** Something valid with a few bytes changed, lost, doubled or inserted. */
final class Mutations {

    private static final int[] INTERESTING = {0, 1, 0x0b, 0x10, 0x20, 0x3f, 0x40, 0x41, 0x60, 0x6f, 0x70, 0x7f, 0x80, 0xfc, 0xfd, 0xff};
    /** Where a position falls, of the whole. */
    private static final int SCALE = 1 << 20;

    private enum Kind { FLIP, SET, INTERESTING, INSERT, DELETE, DOUBLE, TRUNCATE }

    private record Step(Kind kind, int place, int value, int length) {}

    private Mutations() {}

    static Gen<byte[]> of(Gen<byte[]> valid) {
        var step = integers().between(0, Kind.values().length - 1).zip(
                integers().between(0, SCALE), integers().between(0, 255), integers().between(1, 12),
                (kind, place, value, length) -> new Step(Kind.values()[kind], place, value, length));
        return valid.zip(lists().of(step).ofSizeBetween(1, 4), Mutations::apply);
    }

    static Gen<String> ofText(Gen<String> valid) {
        return of(valid.map(text -> text.getBytes(StandardCharsets.UTF_8))).map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1));
    }

    private static byte[] apply(byte[] valid, List<Step> steps) {
        var bytes = valid;
        for (var step : steps) {
            if (bytes.length > 0) {
                bytes = apply(bytes.clone(), step);
            }
        }
        return bytes;
    }

    private static byte[] apply(byte[] bytes, Step step) {
        var at = (int) ((long) step.place * (bytes.length - 1) / SCALE);
        var end = Math.min(bytes.length, at + step.length);
        return switch (step.kind) {
            case FLIP -> set(bytes, at, bytes[at] ^ 1 << (step.value & 7));
            case SET -> set(bytes, at, step.value);
            case INTERESTING -> set(bytes, at, INTERESTING[step.value % INTERESTING.length]);
            case INSERT -> joined(Arrays.copyOf(bytes, at), new byte[] {(byte) step.value}, Arrays.copyOfRange(bytes, at, bytes.length));
            case DELETE -> joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, end, bytes.length));
            case DOUBLE -> joined(Arrays.copyOf(bytes, end), Arrays.copyOfRange(bytes, at, bytes.length));
            case TRUNCATE -> Arrays.copyOf(bytes, at);
        };
    }

    private static byte[] set(byte[] bytes, int at, int value) {
        bytes[at] = (byte) value;
        return bytes;
    }

    private static byte[] joined(byte[]... pieces) {
        var all = new ByteArrayOutputStream();
        for (var piece : pieces) {
            all.writeBytes(piece);
        }
        return all.toByteArray();
    }
}
