package io.aerodb.functions.configuration;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A setting and what it comes to.
 *
 * @param variable its name in the environment
 * @param shown its value as it was written, or words in brackets in place of a secret
 * @param origin where the value is from
 */
public record SettingInEffect(String variable, String shown, Origin origin) {

    private static final Pattern PASSWORD_IN_URL = Pattern.compile("([?&][^=&]*password=)[^&]*", Pattern.CASE_INSENSITIVE);

    /** Where a value is from. */
    public enum Origin {
        ENVIRONMENT, FILE, DEFAULT;

        /** For people, such as {@code default}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static SettingInEffect of(SettingKey key, String value, Origin origin) {
        var variable = Settings.variable(key.name());
        if (key.type().equals(SettingKey.SECRET)) {
            return new SettingInEffect(variable, value.isBlank() ? "(empty)" : "(not shown)", origin);
        }
        return new SettingInEffect(variable, PASSWORD_IN_URL.matcher(value.strip()).replaceAll("$1(not shown)"), origin);
    }
}
