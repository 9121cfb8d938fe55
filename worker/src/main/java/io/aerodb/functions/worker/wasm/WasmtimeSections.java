package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.Limits;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.Memory;

/** The sections of a module, and what becomes of them when it is {@linkplain WasmtimeRewriter rewritten}. */
final class WasmtimeSections {

    /** The highest memory limit that a function can be given. */
    private static final long MAX_PAGES = Limits.MAX_MEMORY_BYTES / Memory.PAGE_SIZE;
    private static final int HEADER_BYTES = 8;
    private static final int KINDS = 13;
    private static final int HAS_MAXIMUM = 1;

    private final byte[] wasm;
    private final WasmtimeCode code;
    private final WasmtimeLayout layout;
    private final @Nullable Section[] sections = new Section[KINDS];

    private record Section(int start, int end) {}

    WasmtimeSections(byte[] wasm, WasmtimeCode code, WasmtimeLayout layout) {
        this.wasm = wasm;
        this.code = code;
        this.layout = layout;
        var all = new WasmCursor(wasm, HEADER_BYTES);
        while (all.position() < wasm.length) {
            var kind = all.u8();
            var size = all.count();
            var start = all.position();
            all.skip(size);
            if (kind >= KINDS) {
                throw new IllegalArgumentException("a section of kind " + kind + " is not supported");
            }
            sections[kind] = new Section(start, all.position());
        }
    }

    /** As it is. */
    Optional<WasmBuffer> unchanged(int kind) {
        return find(kind).map(section -> new WasmBuffer().put(wasm, section.start, section.end));
    }

    /** As it is but for the number of its entries, so that more can be added; one with nothing else where there is none. */
    WasmBuffer extended(int kind, int more) {
        var extended = new WasmBuffer();
        find(kind).ifPresentOrElse(section -> {
            var cursor = new WasmCursor(wasm, section.start);
            extended.unsigned(cursor.u32() + more).put(wasm, cursor.position(), section.end);
        }, () -> extended.unsigned(more));
        return extended;
    }

    /** With the functions in initial values renumbered, and so that more can be added. */
    WasmBuffer globals(int kind, int more) {
        var globals = new WasmBuffer();
        find(kind).ifPresentOrElse(section -> {
            var cursor = new WasmCursor(wasm, section.start);
            var count = cursor.count();
            globals.unsigned(count + more);
            for (var i = 0; i < count; i++) {
                globals.put(cursor.u8(), cursor.u8());
                code.expression(cursor, globals);
            }
        }, () -> globals.unsigned(more));
        return globals;
    }

    /** With a maximum, for a memory could otherwise become as large as 4 GiB if all else failed. */
    Optional<WasmBuffer> memories(int kind) {
        return find(kind).map(section -> {
            var cursor = new WasmCursor(wasm, section.start);
            var memories = new WasmBuffer().unsigned(cursor.u32());
            while (cursor.position() < section.end) {
                limits(cursor, MAX_PAGES, memories);
            }
            return memories;
        });
    }

    /** With a maximum too. */
    Optional<WasmBuffer> tables(int kind) {
        return find(kind).map(section -> {
            var cursor = new WasmCursor(wasm, section.start);
            var tables = new WasmBuffer().unsigned(cursor.u32());
            while (cursor.position() < section.end) {
                tables.put(cursor.u8());
                limits(cursor, EndiveTables.MAX_ELEMENTS, tables);
            }
            return tables;
        });
    }

    /** With the functions renumbered. */
    Optional<WasmBuffer> elements(int kind) {
        return find(kind).map(section -> {
            var cursor = new WasmCursor(wasm, section.start);
            var count = cursor.count();
            var elements = new WasmBuffer().unsigned(count);
            for (var i = 0; i < count; i++) {
                segment(cursor, elements);
            }
            return elements;
        });
    }

    /** With all bodies rewritten, and so that more can be added. */
    WasmBuffer code(int kind, int more) {
        var bodies = new WasmBuffer();
        find(kind).ifPresentOrElse(section -> {
            var cursor = new WasmCursor(wasm, section.start);
            var count = cursor.count();
            bodies.unsigned(count + more);
            for (var i = 0; i < count; i++) {
                var size = cursor.count();
                bodies.sized(code.body(cursor, cursor.position() + size));
            }
        }, () -> bodies.unsigned(more));
        return bodies;
    }

    /** Of an element segment, whose flags say what it consists of. */
    private void segment(WasmCursor cursor, WasmBuffer elements) {
        var flags = cursor.count();
        var active = (flags & 1) == 0;
        var explicit = (flags & 2) != 0;
        var expressions = (flags & 4) != 0;
        elements.unsigned(flags);
        if (active && explicit) {
            elements.unsigned(cursor.u32());
        }
        if (active) {
            code.expression(cursor, elements);
        }
        if (!active || explicit) {
            elements.put(cursor.u8());
        }
        var count = cursor.count();
        elements.unsigned(count);
        for (var i = 0; i < count; i++) {
            if (expressions) {
                code.expression(cursor, elements);
            } else {
                elements.unsigned(layout.function(cursor.u32()));
            }
        }
    }

    private static void limits(WasmCursor cursor, long highest, WasmBuffer rewritten) {
        var flags = cursor.u8();
        if (flags > HAS_MAXIMUM) {
            throw new IllegalArgumentException("a memory or table that is shared or has 64 bits is not supported");
        }
        var minimum = cursor.u32();
        var maximum = flags == HAS_MAXIMUM ? cursor.u32() : highest;
        rewritten.put(HAS_MAXIMUM).unsigned(minimum).unsigned(Math.max(minimum, Math.min(maximum, highest)));
    }

    private Optional<Section> find(int kind) {
        return Optional.ofNullable(sections[kind]);
    }
}
