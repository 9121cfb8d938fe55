package io.aerodb.functions.gateway.module;

import java.util.Arrays;

/** An uploaded file by what it contains, whatever its name says. */
sealed interface ModuleSource {

    record Wasm(byte[] bytes) implements ModuleSource {}

    /** @param text UTF-8 */
    record Wat(byte[] text) implements ModuleSource {}

    static ModuleSource of(byte[] upload) {
        if (startsWith(upload, 0, new byte[] {0, 'a', 's', 'm'})) {
            return new Wasm(upload);
        }
        var start = skipBlank(upload, 0);
        if (start < upload.length && upload[start] == '('
                && startsWith(upload, skipBlank(upload, start + 1), new byte[] {'m', 'o', 'd', 'u', 'l', 'e'})) {
            return new Wat(upload);
        }
        throw Refusal.invalid("the file is neither a WebAssembly module, which begins with \\0asm, "
                + "nor WAT text, which begins with (module");
    }

    /** Where the first character stands that is neither white space nor part of a comment; the end if there is none. */
    private static int skipBlank(byte[] text, int from) {
        var i = from;
        while (i < text.length) {
            if (startsWith(text, i, new byte[] {';', ';'})) {
                while (i < text.length && text[i] != '\n') {
                    i++;
                }
            } else if (startsWith(text, i, new byte[] {'(', ';'})) {
                i = skipBlockComment(text, i);
            } else if (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n') {
                i++;
            } else {
                return i;
            }
        }
        return text.length;
    }

    private static int skipBlockComment(byte[] text, int from) {
        var depth = 0;
        var i = from;
        do {
            if (startsWith(text, i, new byte[] {'(', ';'})) {
                depth++;
                i += 2;
            } else if (startsWith(text, i, new byte[] {';', ')'})) {
                depth--;
                i += 2;
            } else {
                i++;
            }
        } while (depth > 0 && i < text.length);
        return i;
    }

    private static boolean startsWith(byte[] bytes, int from, byte[] prefix) {
        return bytes.length - from >= prefix.length
                && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
    }
}
