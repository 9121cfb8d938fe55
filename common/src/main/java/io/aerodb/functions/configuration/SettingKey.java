package io.aerodb.functions.configuration;

import org.jspecify.annotations.Nullable;

/**
 * One documented setting.
 *
 * @param name such as {@code kafka.bootstrap}
 * @param type what values are allowed, for people
 * @param fallback the default as it would be written, or null where a value is required
 * @param meaning one sentence
 */
public record SettingKey(String name, String type, @Nullable String fallback, String meaning) {

    static final String SECRET = "secret";

    public boolean isRequired() {
        return fallback == null;
    }
}
