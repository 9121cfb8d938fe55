package io.aerodb.functions.compiler;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A module as the engine compiled it: trusted code, so it is only ever made of what was just compiled or of an artefact whose
 * seal holds. Arrays are not copied and not to be changed.
 *
 * @param skeleton the module without custom sections and without the bodies of functions that the classes hold
 * @param mainClass the name of the one of {@code classes} that runs the module
 * @param classes class files by name
 */
public record CompiledForm(byte[] skeleton, String mainClass, Map<String, byte[]> classes) {

    public CompiledForm {
        classes = Collections.unmodifiableMap(new LinkedHashMap<>(classes));
    }

    /** The size of all class files. */
    public long classBytes() {
        return classes.values().stream().mapToLong(bytes -> bytes.length).sum();
    }

    public byte[] write() {
        var size = 3L * Integer.BYTES + skeleton.length + utf8(mainClass).length;
        for (var type : classes.entrySet()) {
            size += 2L * Integer.BYTES + utf8(type.getKey()).length + type.getValue().length;
        }
        var out = ByteBuffer.allocate(Math.toIntExact(size));
        put(out, skeleton);
        put(out, utf8(mainClass));
        out.putInt(classes.size());
        classes.forEach((name, bytes) -> {
            put(out, utf8(name));
            put(out, bytes);
        });
        return out.array();
    }

    /** @throws IllegalArgumentException if {@link #write} cannot have written that */
    static CompiledForm read(ByteBuffer in) {
        try {
            var skeleton = take(in);
            var mainClass = text(in);
            var classes = new LinkedHashMap<String, byte[]>();
            for (var left = in.getInt(); left > 0; left--) {
                classes.put(text(in), take(in));
            }
            if (in.hasRemaining() || !classes.containsKey(mainClass)) {
                throw new IllegalArgumentException("not a compiled module");
            }
            return new CompiledForm(skeleton, mainClass, classes);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a compiled module that is cut off", e);
        }
    }

    private static void put(ByteBuffer out, byte[] bytes) {
        out.putInt(bytes.length).put(bytes);
    }

    private static byte[] take(ByteBuffer in) {
        var length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        var bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static String text(ByteBuffer in) {
        return new String(take(in), StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
