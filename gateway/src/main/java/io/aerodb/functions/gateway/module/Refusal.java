package io.aerodb.functions.gateway.module;

import io.aerodb.functions.function.InvalidFunctionException;

/** The exceptions of this package. Their messages are read by the author of the module, who also wrote parts of them. */
final class Refusal {

    private static final int MAX_MESSAGE = 600;
    private static final int MAX_NAME = 80;

    private Refusal() {}

    static InvalidFunctionException invalid(String message) {
        return new InvalidFunctionException("invalid_wasm", printable(message, MAX_MESSAGE));
    }

    static InvalidFunctionException unknownImport(String message) {
        return new InvalidFunctionException("unknown_import", printable(message, MAX_MESSAGE));
    }

    static InvalidFunctionException rejected(String message) {
        return new InvalidFunctionException("module_rejected", printable(message, MAX_MESSAGE));
    }

    static InvalidFunctionException tooLarge(String message) {
        return new InvalidFunctionException("wasm_too_large", printable(message, MAX_MESSAGE));
    }

    /** A name from the module, cut and without control characters. */
    static String quoted(String name) {
        return '`' + printable(name, MAX_NAME) + '`';
    }

    private static String printable(String text, int max) {
        var cut = text.length() <= max ? text : text.substring(0, max) + "…";
        var shown = new StringBuilder(cut.length());
        cut.codePoints().forEach(c -> shown.appendCodePoint(isPrintable(c) ? c : '?'));
        return shown.toString();
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
