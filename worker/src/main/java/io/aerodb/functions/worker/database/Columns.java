package io.aerodb.functions.worker.database;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The columns of an answer.
 *
 * @param keys the names as JSON, each with its colon
 * @param ambiguous a name that more than one of them has
 */
record Columns(List<Integer> typeOids, List<byte[]> keys, @Nullable String ambiguous) {

    /** Of a statement that gives no rows. */
    static final Columns NONE = of(List.of(), List.of());

    /** @param description a RowDescription's body */
    static Columns described(byte[] description) {
        var buffer = ByteBuffer.wrap(description);
        var count = buffer.getShort() & 0xFFFF;
        var names = new ArrayList<String>(count);
        var oids = new ArrayList<Integer>(count);
        for (var i = 0; i < count; i++) {
            var start = buffer.position();
            while (buffer.get() != 0) { }
            names.add(new String(description, start, buffer.position() - start - 1, StandardCharsets.UTF_8));
            oids.add(buffer.getInt(buffer.position() + 6));
            buffer.position(buffer.position() + 18);
        }
        return of(names, oids);
    }

    private static Columns of(List<String> names, List<Integer> oids) {
        var seen = new HashSet<String>();
        var twice = names.stream().filter(name -> !seen.add(name)).findFirst();
        return new Columns(List.copyOf(oids), names.stream().map(JsonType::keyOf).toList(), twice.orElse(null));
    }

    /** A row is an object, so every name can stand for one column only. */
    Optional<String> ambiguousName() {
        return Optional.ofNullable(ambiguous);
    }
}
