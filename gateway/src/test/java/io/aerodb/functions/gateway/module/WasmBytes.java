package io.aerodb.functions.gateway.module;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Modules put together byte by byte, for what no compiler would write. */
final class WasmBytes {

    static final int TYPE = 1;
    static final int IMPORT = 2;
    static final int FUNCTION = 3;
    static final int TABLE = 4;
    static final int MEMORY = 5;
    static final int GLOBAL = 6;
    static final int EXPORT = 7;
    static final int ELEMENT = 9;
    static final int CODE = 10;
    static final int DATA = 11;
    static final int TAG = 13;

    static final int I32 = 0x7f;
    static final int END = 0x0b;

    private static final byte[] HEADER = bytes(0, 'a', 's', 'm', 1, 0, 0, 0);

    private WasmBytes() {}

    /** A module that keeps every rule: type 0 is {@code () -> i32}, type 1 {@code () -> ()}; function 0 is the handler. */
    static byte[] valid() {
        return module(sections());
    }

    /** The valid module with one section's content replaced, or added. */
    static byte[] validWith(int id, byte[] content) {
        return validWith(Map.of(id, content));
    }

    static byte[] validWith(Map<Integer, byte[]> contents) {
        var sections = sections();
        sections.putAll(contents);
        return module(sections);
    }

    /** The valid module with other instructions in its handler, {@code end} included. */
    static byte[] validWithHandler(byte[] code) {
        return validWith(CODE, vector(body(bytes(0), code)));
    }

    /** The valid module with more functions of type {@code () -> ()}, all with this body. */
    static byte[] validWithFunctions(int count, byte[] body) {
        var sections = sections();
        var types = new ByteArrayOutputStream();
        var bodies = new ByteArrayOutputStream();
        types.writeBytes(concat(u32(count + 1), u32(0)));
        bodies.writeBytes(concat(u32(count + 1), body(bytes(0), bytes(0x41, 0, END))));
        for (var i = 0; i < count; i++) {
            types.write(1);
            bodies.writeBytes(body);
        }
        sections.put(FUNCTION, types.toByteArray());
        sections.put(CODE, bodies.toByteArray());
        return module(sections);
    }

    /** Sections in front of the others, or a second time. */
    static byte[] validAfter(byte[] sections) {
        var valid = valid();
        return concat(HEADER, sections, Arrays.copyOfRange(valid, HEADER.length, valid.length));
    }

    static byte[] section(int id, byte[] content) {
        return concat(bytes(id), u32(content.length), content);
    }

    static byte[] body(byte[] locals, byte[] code) {
        return concat(u32(locals.length + code.length), locals, code);
    }

    static byte[] vector(byte[]... items) {
        return concat(u32(items.length), concat(items));
    }

    static byte[] name(String name) {
        var utf8 = name.getBytes(StandardCharsets.UTF_8);
        return concat(u32(utf8.length), utf8);
    }

    static byte[] repeat(int times, int... unit) {
        var all = new byte[times * unit.length];
        for (var i = 0; i < all.length; i++) {
            all[i] = (byte) unit[i % unit.length];
        }
        return all;
    }

    static byte[] u32(long value) {
        var out = new ByteArrayOutputStream();
        var rest = value;
        while (rest >= 0x80) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return out.toByteArray();
    }

    static byte[] bytes(int... values) {
        return repeat(1, values);
    }

    static byte[] concat(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static Map<Integer, byte[]> sections() {
        var sections = new TreeMap<Integer, byte[]>((a, b) -> Integer.compare(rank(a), rank(b)));
        sections.put(TYPE, bytes(2, 0x60, 0, 1, I32, 0x60, 0, 0));
        sections.put(FUNCTION, bytes(1, 0));
        sections.put(MEMORY, bytes(1, 0, 1));
        sections.put(EXPORT, vector(concat(name("memory"), bytes(2, 0)), concat(name("handler"), bytes(0, 0))));
        sections.put(CODE, vector(body(bytes(0), bytes(0x41, 0, END))));
        return sections;
    }

    private static int rank(int id) {
        return id == TAG ? 2 * MEMORY + 1 : 2 * id;
    }

    private static byte[] module(Map<Integer, byte[]> sections) {
        var module = new ByteArrayOutputStream();
        module.writeBytes(HEADER);
        sections.forEach((id, content) -> module.writeBytes(section(id, content)));
        return module.toByteArray();
    }
}
