package io.aerodb.functions.worker.database;

/** Reads PostgreSQL's text form of an array, {@code {{1,NULL},{"a b",2}}}, and writes it as JSON. */
final class ArrayText {

    private final JsonType.ArrayOf type;
    private final byte[] text;
    private final int to;
    private int at;

    ArrayText(JsonType.ArrayOf type, byte[] text, int from, int to) {
        this.type = type;
        this.text = text;
        this.at = from;
        this.to = to;
    }

    void write(JsonOutput json) {
        // bounds that do not start at 1 stand before the elements: [0:1]={7,8}
        var start = at;
        while (at < to && text[at] != '{') {
            at++;
        }
        if (at < to) {
            dimension(json);
        } else {
            vector(start, json);
        }
    }

    /** The two types of the catalogs that are written {@code 1 2 3}. */
    private void vector(int start, JsonOutput json) {
        json.put('[');
        for (var i = start; i < to; i++) {
            json.put(text[i] == ' ' ? (byte) ',' : text[i]);
        }
        json.put(']');
    }

    private void dimension(JsonOutput json) {
        json.put('[');
        at++;
        for (var first = true; at < to && text[at] != '}'; first = false) {
            if (!first) {
                json.put(',');
            }
            switch (text[at]) {
                case '{' -> dimension(json);
                case '"' -> quoted(json);
                default -> plain(json);
            }
            if (at < to && text[at] == type.delimiter()) {
                at++;
            }
        }
        at++;
        json.put(']');
    }

    private void plain(JsonOutput json) {
        var start = at;
        while (at < to && text[at] != type.delimiter() && text[at] != '}') {
            at++;
        }
        // a text that reads NULL would be quoted
        if (at - start == 4 && text[start] == 'N' && text[start + 1] == 'U' && text[start + 2] == 'L' && text[start + 3] == 'L') {
            json.ascii("null");
        } else {
            type.element().write(text, start, at, json);
        }
    }

    private void quoted(JsonOutput json) {
        var element = new byte[closingQuote() - at];
        var length = 0;
        for (at++; text[at] != '"'; at++) {
            if (text[at] == '\\') {
                at++;
            }
            element[length++] = text[at];
        }
        at++;
        type.element().write(element, 0, length, json);
    }

    private int closingQuote() {
        var end = at + 1;
        while (text[end] != '"') {
            end += text[end] == '\\' ? 2 : 1;
        }
        return end;
    }
}
