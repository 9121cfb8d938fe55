package io.aerodb.functions.configuration;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one service, from the environment and an optional properties file; the environment wins.
 *
 * <p>The key {@code kafka.bootstrap} is {@code AEROFN_KAFKA_BOOTSTRAP} in the environment. Each read declares its key;
 * a missing, wrong or undeclared one becomes a problem, and {@link #check} reports all of them at once. Until then a read
 * with a problem returns a harmless stand-in, so that the reading goes on.
 */
public final class Settings {

    public static final String PREFIX = "AEROFN_";
    public static final String FILE_VARIABLE = "AEROFN_CONFIG_FILE";

    /** First parts of keys that belong to one service; the other services pass over them. */
    private static final Set<String> SERVICE_SCOPES = Set.of("gateway", "worker", "bridge", "scheduler");

    /** Variables under our prefix that other programs read: the command line, the launcher, the tests, the logging set-up. */
    private static final Set<String> FOREIGN = Set.of(FILE_VARIABLE, "AEROFN_URL", "AEROFN_TOKEN", "AEROFN_DATA_DIR",
            "AEROFN_TEST_PARTS", "AEROFN_LOG_FORMAT", "AEROFN_LOG_LEVEL", "AEROFN_LOG_FUNCTION_LEVEL",
            "AEROFN_JAVA_OPTIONS");

    private static final Pattern RATIO = Pattern.compile("0(\\.\\d{1,9})?|1(\\.0{1,9})?");

    private final Map<String, String> values = new TreeMap<>();
    private final Set<String> fromEnvironment = new HashSet<>();
    private final Map<String, SettingKey> declared = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private final Set<String> otherScopes = new HashSet<>(SERVICE_SCOPES);

    private Settings(String service) {
        otherScopes.remove(service);
    }

    /**
     * @param service the scope of this service's own keys, such as {@code gateway}
     * @param environment variables; those without our prefix are not looked at
     */
    public static Settings of(String service, Map<String, String> environment) {
        var settings = new Settings(service);
        var file = environment.get(FILE_VARIABLE);
        if (file != null) {
            settings.readFile(Path.of(file));
        }
        var given = given(environment);
        settings.values.putAll(given);
        settings.fromEnvironment.addAll(given.keySet());
        return settings;
    }

    /**
     * The variables that are settings of a service, or misspelt ones; others under our prefix are read by other programs, or were put
     * there by Kubernetes.
     */
    public static Map<String, String> given(Map<String, String> environment) {
        return environment.entrySet().stream()
                .filter(variable -> variable.getKey().startsWith(PREFIX) && !FOREIGN.contains(variable.getKey()))
                .filter(variable -> !ServiceLinks.isOne(variable.getKey(), variable.getValue()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The name of a key's environment variable. */
    public static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    public String text(String key, String fallback, String meaning) {
        return read(new SettingKey(key, "text", fallback, meaning), Optional::of).orElse("");
    }

    public String requiredText(String key, String meaning) {
        return read(new SettingKey(key, "text", null, meaning), Optional::of).orElse("");
    }

    /** A value that must not be shown; empty where none is given. */
    public Secret secret(String key, String meaning) {
        return new Secret(read(new SettingKey(key, SettingKey.SECRET, "", meaning), Optional::of).orElse(""));
    }

    /** A required value that must not be shown. */
    public Secret requiredSecret(String key, String meaning) {
        return new Secret(read(new SettingKey(key, SettingKey.SECRET, null, meaning), Optional::of).orElse(""));
    }

    public boolean flag(String key, boolean fallback, String meaning) {
        return read(new SettingKey(key, "true or false", String.valueOf(fallback), meaning), text -> switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        }).orElse(fallback);
    }

    /** One of several, each written as its {@code toString} has it. */
    public <T> T choice(String key, T fallback, List<T> choices, String meaning) {
        var type = choices.stream().map(Object::toString).collect(Collectors.joining(" or "));
        return read(new SettingKey(key, type, fallback.toString(), meaning), text -> choices.stream()
                .filter(choice -> choice.toString().equals(text))
                .findFirst()).orElse(fallback);
    }

    public int integer(String key, int fallback, int min, int max, String meaning) {
        var type = "integer, " + min + " to " + max;
        return read(new SettingKey(key, type, String.valueOf(fallback), meaning), text -> parseLong(text)
                .filter(number -> number >= min && number <= max)
                .map(Long::intValue)).orElse(fallback);
    }

    /** A part of a whole, written as a decimal number from 0 to 1. */
    public double ratio(String key, double fallback, String meaning) {
        var written = BigDecimal.valueOf(fallback).stripTrailingZeros().toPlainString();
        return read(new SettingKey(key, "number, 0 to 1", written, meaning), text -> RATIO.matcher(text).matches()
                ? Optional.of(Double.valueOf(text))
                : Optional.<Double>empty()).orElse(fallback);
    }

    /** Written as a number with {@code ms}, {@code s}, {@code m}, {@code h} or {@code d}, such as {@code 250ms}. */
    public Duration duration(String key, Duration fallback, Duration min, Duration max, String meaning) {
        var type = "duration, " + Units.format(min) + " to " + Units.format(max);
        return read(new SettingKey(key, type, Units.format(fallback), meaning), text -> Units.parseDuration(text)
                .filter(value -> value.compareTo(min) >= 0 && value.compareTo(max) <= 0)).orElse(fallback);
    }

    /** Written as a number with {@code B}, {@code KiB}, {@code MiB} or {@code GiB}, such as {@code 1MiB}. */
    public long bytes(String key, long fallback, long min, long max, String meaning) {
        var type = "size, " + Units.formatBytes(min) + " to " + Units.formatBytes(max);
        return read(new SettingKey(key, type, Units.formatBytes(fallback), meaning), text -> Units.parseBytes(text)
                .filter(value -> value >= min && value <= max)).orElse(fallback);
    }

    /** Adds a problem that only shows when several values are seen together. */
    public void problem(String key, String what) {
        problems.add(variable(key) + ": " + what);
    }

    /**
     * For settings that several services have but this one does not, so that it takes a file that they share with it.
     *
     * @param scopes the first parts of their keys, such as {@code compiler}
     */
    public void passOver(String... scopes) {
        otherScopes.addAll(List.of(scopes));
    }

    /** Every key read so far, by name. */
    public List<SettingKey> declared() {
        return List.copyOf(declared.values());
    }

    /** What each key read so far comes to, in the order of their names; secrets are not shown. */
    public List<SettingInEffect> inEffect() {
        return declared.values().stream().map(key -> {
            var variable = variable(key.name());
            var origin = !values.containsKey(variable) ? SettingInEffect.Origin.DEFAULT
                    : fromEnvironment.contains(variable) ? SettingInEffect.Origin.ENVIRONMENT : SettingInEffect.Origin.FILE;
            return SettingInEffect.of(key, values.getOrDefault(variable, Objects.requireNonNullElse(key.fallback(), "")), origin);
        }).toList();
    }

    /** @throws ConfigurationException naming every missing, wrong and unknown key */
    public void check() {
        var known = declared.keySet().stream().map(Settings::variable).toList();
        var all = new ArrayList<>(problems);
        for (var name : values.keySet()) {
            if (!known.contains(name) && !ofAnotherService(name)) {
                all.add(name + ": there is no such setting" + Spelling.nearest(name, known).map(nearest -> "; did you mean " + nearest + "?").orElse(""));
            }
        }
        if (!all.isEmpty()) {
            throw new ConfigurationException(all);
        }
    }

    /**
     * For a program that reads only a part of a service's settings, and passes over the rest.
     *
     * @throws ConfigurationException naming every missing and wrong key of those read so far
     */
    public void checkRead() {
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private <T> Optional<T> read(SettingKey key, Function<String, Optional<T>> parser) {
        declared.put(key.name(), key);
        @Nullable String given = values.getOrDefault(variable(key.name()), key.fallback());
        if (given == null || given.isBlank() && key.isRequired()) {
            problem(key.name(), "is required: " + key.meaning());
            return Optional.empty();
        }
        var parsed = parser.apply(given.strip());
        if (parsed.isEmpty()) {
            problem(key.name(), "'" + given + "' is not allowed: " + key.type());
        }
        return parsed;
    }

    private void readFile(Path file) {
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            var reason = Files.notExists(file) ? "there is no such file" : e.getMessage();
            problems.add(FILE_VARIABLE + ": cannot read " + file + ": " + reason);
        }
        properties.stringPropertyNames().forEach(key -> values.put(variable(key), properties.getProperty(key)));
    }

    private boolean ofAnotherService(String name) {
        return otherScopes.stream().anyMatch(scope -> name.startsWith(PREFIX + scope.toUpperCase(Locale.ROOT) + "_"));
    }

    private static Optional<Long> parseLong(String text) {
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
