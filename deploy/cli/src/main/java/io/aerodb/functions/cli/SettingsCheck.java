package io.aerodb.functions.cli;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.SettingInEffect;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.gateway.GatewaySettings;
import io.aerodb.functions.scheduler.SchedulerSettings;
import io.aerodb.functions.triggerbridge.BridgeSettings;
import io.aerodb.functions.worker.WorkerSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Reads the settings of services as they would, and says what is wrong with them or what is in effect. */
final class SettingsCheck {

    private static final int WRONG = 2;

    private static final Map<String, Consumer<Settings>> READERS = new TreeMap<>(Map.of(
            "gateway", GatewaySettings::read,
            // the heap that counts is the worker's, not this command's
            "worker", settings -> WorkerSettings.read(settings, Long.MAX_VALUE),
            "scheduler", SchedulerSettings::read,
            "bridge", BridgeSettings::read));

    @Option(names = "--service", paramLabel = "NAME", description = "With --check: one service, gateway, worker, scheduler or bridge (default: all of them).")
    private @Nullable String service;

    @Option(names = "--settings", paramLabel = "FILE",
            description = "With --check: properties file with settings (default: $AEROFN_CONFIG_FILE). Variables of the environment win.")
    private @Nullable Path file;

    /** Whether an option was given that makes sense here only. */
    boolean isMeant() {
        return service != null || file != null;
    }

    /** @return the exit status: 0 if the services would start with them, 2 if not */
    int run(PrintWriter out, PrintWriter err) {
        var services = service == null ? READERS.keySet() : Set.of(known(service));
        var problems = new LinkedHashMap<String, TreeSet<String>>();
        var inEffect = new TreeMap<String, SettingInEffect>();
        for (var name : services) {
            var settings = Settings.of(name, environment());
            try {
                READERS.get(name).accept(settings);
            } catch (ConfigurationException e) {
                e.problems().forEach(problem -> problems.computeIfAbsent(problem, _ -> new TreeSet<>()).add(name));
            }
            settings.inEffect().forEach(setting -> inEffect.put(setting.variable(), setting));
        }
        if (!problems.isEmpty()) {
            problems.forEach((problem, of) -> err.println("aerofn: " + String.join(", ", of) + ": " + problem));
            return WRONG;
        }
        inEffect.values().forEach(setting -> out.println("%s=%s  # %s".formatted(setting.variable(), setting.shown(), setting.origin().label())));
        return 0;
    }

    private Map<String, String> environment() {
        var environment = new HashMap<>(System.getenv());
        Optional.ofNullable(file).ifPresent(path -> environment.put(Settings.FILE_VARIABLE, path.toString()));
        return environment;
    }

    private static String known(String service) {
        if (!READERS.containsKey(service)) {
            throw CommandException.notPossible("'" + service + "' is no service: give one of " + String.join(", ", READERS.keySet()));
        }
        return service;
    }
}
