package io.aerodb.functions.configuration;

/** A value that never shows in a log line or an error. */
public record Secret(String value) {

    @Override
    public String toString() {
        return "***";
    }
}
