package io.aerodb.functions.worker.database;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** How values of a PostgreSQL type, in their text form, become JSON: as {@code to_json} would write them. */
sealed interface JsonType {

    /** Writes one value that is not null. */
    void write(byte[] text, int from, int to, JsonOutput json);

    /** The types that have no parts. */
    enum Scalar implements JsonType {
        TEXT {
            @Override
            public void write(byte[] text, int from, int to, JsonOutput json) {
                json.string(text, from, to);
            }
        },
        BOOLEAN {
            @Override
            public void write(byte[] text, int from, int to, JsonOutput json) {
                json.ascii(text[from] == 't' ? "true" : "false");
            }
        },
        /** Digit by digit as PostgreSQL wrote it; JSON has no NaN and no infinity, so those are strings. */
        NUMBER {
            @Override
            public void write(byte[] text, int from, int to, JsonOutput json) {
                var first = text[from] == '-' ? text[from + 1] : text[from];
                if (first >= '0' && first <= '9') {
                    json.raw(text, from, to);
                } else {
                    json.string(text, from, to);
                }
            }
        },
        DOCUMENT {
            @Override
            public void write(byte[] text, int from, int to, JsonOutput json) {
                json.raw(text, from, to);
            }
        },
        /** {@code 2026-11-21 10:00:00+00} as {@code "2026-11-21T10:00:00+00:00"}, with or without a zone. */
        TIMESTAMP {
            @Override
            public void write(byte[] text, int from, int to, JsonOutput json) {
                Timestamps.write(text, from, to, json);
            }
        }
    }

    /** @param delimiter between elements; a comma for all types but {@code box} */
    record ArrayOf(JsonType element, char delimiter) implements JsonType {

        @Override
        public void write(byte[] text, int from, int to, JsonOutput json) {
            new ArrayText(this, text, from, to).write(json);
        }
    }

    /** A row type, which becomes an object. */
    record Composite(List<Field> fields) implements JsonType {

        public Composite {
            fields = List.copyOf(fields);
        }

        @Override
        public void write(byte[] text, int from, int to, JsonOutput json) {
            new CompositeText(this, text, from, to).write(json);
        }
    }

    /** @param key the name as it stands in an object: quoted and with a colon */
    record Field(byte[] key, JsonType type) {

        static Field named(String name, JsonType type) {
            return new Field(JsonType.keyOf(name), type);
        }
    }

    /** A name as the key of an object's member, with its colon. */
    static byte[] keyOf(String name) {
        var json = new JsonOutput(Integer.MAX_VALUE);
        json.string(name.getBytes(StandardCharsets.UTF_8));
        json.put(':');
        return json.toByteArray();
    }
}
