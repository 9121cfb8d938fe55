package io.aerodb.functions.gateway.module;

/** The sections of a module in the order in which they must stand, each at most once; custom sections may stand anywhere. */
enum SectionKind {
    TYPE(1),
    IMPORT(2),
    FUNCTION(3),
    TABLE(4),
    MEMORY(5),
    GLOBAL(6),
    EXPORT(7),
    START(8),
    ELEMENT(9),
    DATA_COUNT(12),
    CODE(10),
    DATA(11);

    static final int CUSTOM = 0;
    private static final int TAG = 13;

    final int id;

    SectionKind(int id) {
        this.id = id;
    }

    static SectionKind of(int id) {
        for (var kind : values()) {
            if (kind.id == id) {
                return kind;
            }
        }
        throw id == TAG ? UnsupportedFeature.EXCEPTIONS.refusal() : Refusal.invalid("there is no section with the id " + id);
    }
}
