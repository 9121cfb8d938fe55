package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.SettingKey;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.gateway.GatewaySettings;
import io.aerodb.functions.scheduler.SchedulerSettings;
import io.aerodb.functions.triggerbridge.BridgeSettings;
import io.aerodb.functions.worker.WorkerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} says what the code reads, word for word. */
class ConfigurationDocsTest {

    private static final Pattern VARIABLE = Pattern.compile(Settings.PREFIX + "[A-Z0-9_]+");
    private static final Pattern ROW = Pattern.compile("^\\| `(" + VARIABLE + ")` \\|.*$", Pattern.MULTILINE);
    private static final List<String> SERVICES = List.of("gateway", "worker", "bridge", "scheduler");

    private final Map<String, String> rows = rows();
    private final String document = document();

    @Test
    void hasARowForEverySettingAsTheCodeDeclaresIt() {
        assertEquals(String.join("\n", rows.values()), String.join("\n", documentedRows()));
    }

    @Test
    void namesNoVariableThatNothingReads() {
        var named = VARIABLE.matcher(document).results().map(MatchResult::group).distinct().toList();
        assertFalse(named.isEmpty());
        assertEquals(List.of(), named.stream().filter(name -> !rows.containsKey(name) && !isOfAnotherProgram(name)).toList());
    }

    /** The rows about settings, in the order of the variables' names; one that stands twice is there twice. */
    private List<String> documentedRows() {
        return ROW.matcher(document).results()
                .filter(row -> rows.containsKey(row.group(1)))
                .sorted(Comparator.comparing(row -> row.group(1)))
                .map(MatchResult::group)
                .toList();
    }

    /** The expected row of every setting by its variable. */
    private static Map<String, String> rows() {
        var rows = new TreeMap<String, String>();
        for (var key : declared("gateway", GatewaySettings::read)) {
            rows.put(Settings.variable(key.name()), row(key));
        }
        for (var key : declared("worker", WorkerSettings::read)) {
            rows.put(Settings.variable(key.name()), row(key));
        }
        for (var key : declared("bridge", BridgeSettings::read)) {
            rows.put(Settings.variable(key.name()), row(key));
        }
        for (var key : declared("scheduler", SchedulerSettings::read)) {
            rows.put(Settings.variable(key.name()), row(key));
        }
        return rows;
    }

    /** Nothing is given, so reading fails at its end; by then every key has been declared. */
    private static List<SettingKey> declared(String service, Consumer<Settings> reader) {
        var settings = Settings.of(service, Map.of());
        assertThrows(ConfigurationException.class, () -> reader.accept(settings));
        return settings.declared();
    }

    private static String row(SettingKey key) {
        var fallback = key.fallback() == null ? "required" : key.fallback().isEmpty() ? "(empty)" : key.fallback();
        return "| `%s` | %s | %s | %s |".formatted(Settings.variable(key.name()), key.type(), fallback, key.meaning());
    }

    /** Whether no service takes it for a setting that is spelt wrong. */
    private static boolean isOfAnotherProgram(String variable) {
        return variable.equals(Settings.FILE_VARIABLE) || SERVICES.stream().noneMatch(service -> isRefused(service, variable));
    }

    private static boolean isRefused(String service, String variable) {
        try {
            Settings.of(service, Map.of(variable, "x")).check();
            return false;
        } catch (ConfigurationException e) {
            return true;
        }
    }

    private static String document() {
        try {
            return Files.readString(Repository.root().resolve("docs/configuration.md"));
        } catch (IOException e) {
            throw new AssertionError("cannot read docs/configuration.md", e);
        }
    }
}
