package io.aerodb.functions.gateway.module;

import java.util.Locale;

/** The types a value can have, by their code in the binary format. */
enum ValueType {
    I32(0x7f),
    I64(0x7e),
    F32(0x7d),
    F64(0x7c),
    FUNCREF(0x70),
    EXTERNREF(0x6f);

    private static final int V128 = 0x7b;

    private final int code;

    ValueType(int code) {
        this.code = code;
    }

    static ValueType of(long code) {
        for (var type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        if (code == V128) {
            throw UnsupportedFeature.SIMD.refusal();
        }
        if (code >= 0x40 && code <= 0x7f) {
            throw UnsupportedFeature.GARBAGE_COLLECTION.refusal();
        }
        throw Refusal.invalid("0x" + Long.toHexString(code) + " is not a value type");
    }

    boolean isReference() {
        return this == FUNCREF || this == EXTERNREF;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
