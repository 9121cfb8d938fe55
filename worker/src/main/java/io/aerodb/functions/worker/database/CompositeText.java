package io.aerodb.functions.worker.database;

import java.util.Arrays;

/** Reads PostgreSQL's text form of a row, {@code (1,"a ""b""",)}, and writes it as a JSON object. */
final class CompositeText {

    private final JsonType.Composite type;
    private final byte[] text;
    private final int from;
    private final int to;
    private int at;

    CompositeText(JsonType.Composite type, byte[] text, int from, int to) {
        this.type = type;
        this.text = text;
        this.from = from;
        this.to = to;
    }

    void write(JsonOutput json) {
        at = from + 1;
        json.put('{');
        for (var i = 0; i < type.fields().size(); i++) {
            if (i > 0) {
                json.put(',');
            }
            var field = type.fields().get(i);
            json.raw(field.key());
            value(field.type(), json);
            at++;
        }
        json.put('}');
    }

    private void value(JsonType fieldType, JsonOutput json) {
        if (at >= to || text[at] == ',' || text[at] == ')') {
            json.ascii("null");
            return;
        }
        var value = new byte[16];
        var length = 0;
        var quoted = false;
        for (; at < to && (quoted || text[at] != ',' && text[at] != ')'); at++) {
            if (text[at] == '"' && !(quoted && at + 1 < to && text[at + 1] == '"')) {
                quoted = !quoted;
                continue;
            }
            if (text[at] == '"' || text[at] == '\\') {
                at++;
            }
            if (length == value.length) {
                value = Arrays.copyOf(value, length * 2);
            }
            value[length++] = text[at];
        }
        fieldType.write(value, 0, length, json);
    }
}
