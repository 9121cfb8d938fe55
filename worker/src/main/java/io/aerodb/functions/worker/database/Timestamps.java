package io.aerodb.functions.worker.database;

/** PostgreSQL's ISO style, made ISO 8601 as {@code to_json} does; {@code infinity} and the suffix {@code BC} stay as they are. */
final class Timestamps {

    private Timestamps() {}

    static void write(byte[] text, int from, int to, JsonOutput json) {
        var space = indexOf(text, (byte) ' ', from, to);
        if (space < 0) {
            json.string(text, from, to);
            return;
        }
        var end = indexOf(text, (byte) ' ', space + 1, to);
        if (end < 0) {
            end = to;
        }
        json.put('"');
        json.raw(text, from, space);
        json.put('T');
        json.raw(text, space + 1, end);
        // a zone of whole hours is written without minutes
        var sign = end - 3;
        if (sign > space && (text[sign] == '+' || text[sign] == '-')) {
            json.ascii(":00");
        }
        json.raw(text, end, to);
        json.put('"');
    }

    private static int indexOf(byte[] text, byte wanted, int from, int to) {
        for (var i = from; i < to; i++) {
            if (text[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
