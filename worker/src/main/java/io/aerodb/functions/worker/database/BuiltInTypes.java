package io.aerodb.functions.worker.database;

import java.util.HashMap;
import java.util.Map;

/** The types whose numbers are part of PostgreSQL itself, so that they need not be asked for. */
final class BuiltInTypes {

    static final Map<Integer, JsonType> BY_OID = byOid();

    private BuiltInTypes() {}

    private static Map<Integer, JsonType> byOid() {
        var types = new HashMap<Integer, JsonType>();
        with(types, JsonType.Scalar.BOOLEAN, 16, 1000);
        with(types, JsonType.Scalar.NUMBER,
                21, 1005, // smallint
                23, 1007, // integer
                20, 1016, // bigint
                700, 1021, // real
                701, 1022, // double precision
                1700, 1231); // numeric
        with(types, JsonType.Scalar.DOCUMENT,
                114, 199, // json
                3802, 3807); // jsonb
        with(types, JsonType.Scalar.TIMESTAMP,
                1114, 1115, // timestamp
                1184, 1185); // timestamptz
        with(types, JsonType.Scalar.TEXT,
                17, 1001, // bytea
                18, 1002, // "char"
                19, 1003, // name
                25, 1009, // text
                26, 1028, // oid
                1042, 1014, // char(n)
                1043, 1015, // varchar
                1082, 1182, // date
                1083, 1183, // time
                1266, 1270, // timetz
                1186, 1187, // interval
                2950, 2951, // uuid
                869, 1041, // inet
                650, 651, // cidr
                829, 1040, // macaddr
                774, 775, // macaddr8
                790, 791, // money
                1560, 1561, // bit
                1562, 1563, // varbit
                142, 143, // xml
                3614, 3643, // tsvector
                3615, 3645, // tsquery
                3904, 3905, // int4range
                3906, 3907, // numrange
                3908, 3909, // tsrange
                3910, 3911, // tstzrange
                3912, 3913, // daterange
                3926, 3927); // int8range
        types.put(705, JsonType.Scalar.TEXT); // unknown
        types.put(2249, JsonType.Scalar.TEXT); // record: its text does not tell the types inside
        types.put(2278, JsonType.Scalar.TEXT); // void
        return Map.copyOf(types);
    }

    /** @param pairs a type and the array of it, and so on */
    private static void with(Map<Integer, JsonType> types, JsonType type, int... pairs) {
        for (var i = 0; i < pairs.length; i += 2) {
            types.put(pairs[i], type);
            types.put(pairs[i + 1], new JsonType.ArrayOf(type, ','));
        }
    }
}
