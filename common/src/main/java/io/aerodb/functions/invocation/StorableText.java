package io.aerodb.functions.invocation;

import org.jspecify.annotations.Nullable;

/** PostgreSQL's text knows no NUL, and functions, callers and foreign records may send one. */
final class StorableText {

    private StorableText() {}

    static String of(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
    }

    static @Nullable String ofNullable(@Nullable String text) {
        return text == null ? null : of(text);
    }
}
