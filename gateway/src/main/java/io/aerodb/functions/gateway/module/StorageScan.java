package io.aerodb.functions.gateway.module;

/** The sections that say what a module keeps, and what it starts with: tables, memories, globals, element and data segments. */
final class StorageScan {

    private static final int TABLE_WITH_INITIAL_VALUE = 0x40;

    private static final int HAS_MAXIMUM = 1;
    private static final int SHARED = 2;
    private static final int SIXTY_FOUR_BIT = 4;

    private StorageScan() {}

    /** @return how many there are, as for the others */
    static int tables(WasmReader section) {
        var count = section.count(Bounds.TABLES, "tables");
        var total = 0L;
        for (var i = 0; i < count; i++) {
            var type = section.u32();
            if (type == TABLE_WITH_INITIAL_VALUE) {
                throw UnsupportedFeature.GARBAGE_COLLECTION.refusal();
            }
            requireReference(type);
            var initial = limits(section);
            total += initial;
            if (total > Bounds.TABLE_ELEMENTS) {
                throw Refusal.rejected("the tables begin with " + total + " elements together, at most "
                        + Bounds.TABLE_ELEMENTS + " are allowed");
            }
        }
        return count;
    }

    static int memories(WasmReader section) {
        var count = section.u32();
        if (count > 1) {
            throw UnsupportedFeature.MULTIPLE_MEMORIES.refusal();
        }
        for (var i = 0; i < count; i++) {
            var initial = limits(section);
            if (initial > Bounds.MEMORY_PAGES) {
                throw Refusal.rejected("the memory begins with " + initial + " pages, at most "
                        + Bounds.MEMORY_PAGES + " (1 GiB) are allowed");
            }
        }
        return (int) count;
    }

    static int globals(WasmReader section) {
        var count = section.count(Bounds.GLOBALS, "globals");
        for (var i = 0; i < count; i++) {
            ValueType.of(section.u32());
            section.u8();
            Instructions.skipConstantExpression(section);
        }
        return count;
    }

    static void elements(WasmReader section) {
        var segments = section.count(Bounds.ELEMENT_SEGMENTS, "element segments");
        var total = 0L;
        for (var i = 0; i < segments; i++) {
            var flags = section.u32();
            if (flags > 7) {
                throw Refusal.invalid("element segment " + i + " is of an unknown kind" + section.here());
            }
            var active = (flags & 1) == 0;
            var explicit = (flags & 2) != 0;
            var expressions = (flags & 4) != 0;
            if (active && explicit) {
                section.u32();
            }
            if (active) {
                Instructions.skipConstantExpression(section);
            }
            if (!active || explicit) {
                var type = section.u32();
                if (expressions) {
                    requireReference(type);
                } else if (type != 0) {
                    throw Refusal.invalid("element segment " + i + " holds an unknown kind of elements" + section.here());
                }
            }
            var count = section.u32();
            total += count;
            if (total > Bounds.TABLE_ELEMENTS) {
                throw Refusal.rejected("the element segments hold more than " + Bounds.TABLE_ELEMENTS + " elements");
            }
            for (var j = 0; j < count; j++) {
                if (expressions) {
                    Instructions.skipConstantExpression(section);
                } else {
                    section.u32();
                }
            }
        }
    }

    static void data(WasmReader section) {
        var segments = section.count(Bounds.DATA_SEGMENTS, "data segments");
        for (var i = 0; i < segments; i++) {
            var flags = section.u32();
            if (flags > 2) {
                throw Refusal.invalid("data segment " + i + " is of an unknown kind" + section.here());
            }
            if (flags == 2) {
                section.u32();
            }
            if (flags != 1) {
                Instructions.skipConstantExpression(section);
            }
            section.skip(section.u32());
        }
    }

    /** The initial size of a table or memory. */
    private static long limits(WasmReader section) {
        var flags = section.u8();
        if (flags > (HAS_MAXIMUM | SHARED | SIXTY_FOUR_BIT)) {
            throw Refusal.invalid("the limits of a table or memory are of an unknown kind" + section.here());
        }
        if ((flags & SIXTY_FOUR_BIT) != 0) {
            throw UnsupportedFeature.MEMORY64.refusal();
        }
        if ((flags & SHARED) != 0) {
            throw UnsupportedFeature.THREADS.refusal();
        }
        var initial = section.u32();
        if ((flags & HAS_MAXIMUM) != 0) {
            section.u32();
        }
        return initial;
    }

    private static void requireReference(long type) {
        if (!ValueType.of(type).isReference()) {
            throw Refusal.invalid("a table holds references, not " + ValueType.of(type));
        }
    }
}
