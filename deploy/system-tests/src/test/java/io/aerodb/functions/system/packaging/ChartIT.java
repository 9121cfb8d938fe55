package io.aerodb.functions.system.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Helm chart renders to what Kubernetes knows, and to settings that the services take. */
class ChartIT {

    /** What a secret has at least. */
    private static final Map<String, String> SECRET = Map.of(
            "AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "AEROFN_DATABASE_PASSWORD", "secret",
            "AEROFN_GATEWAY_JWT_SECRET", "a secret for tests that is long enough");

    /** What it has besides where everything is switched on. */
    private static final Map<String, String> MORE_SECRET = Map.of(
            "AEROFN_SECRETS_KEYS", "s1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "AEROFN_KAFKA_SASL_PASSWORD", "secret",
            "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_ANON", "secret",
            "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_AUTHENTICATED", "secret",
            "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_SERVICE_ROLE", "secret",
            "AEROFN_WORKER_GUEST_DATABASE_CLAIM_KEYS", "c1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "PGPASSWORD", "secret");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {Chart.LEAST, Chart.MOST})
    void isWhatHelmAndKubernetesKnow(String values) throws IOException {
        assertEquals(List.of(), Chart.lint());
        Chart.with(values, directory).render().forEach(KubernetesApi::assertKnows);
    }

    @Test
    void isNotCheckedByWhatTakesAnything() throws IOException {
        var deployment = deployment(Chart.LEAST, Service.WORKER);
        var wrong = Yaml.parse(Json.text(deployment).replace("readinessProbe", "readynessProbe"));
        assertThrows(AssertionError.class, () -> KubernetesApi.assertKnows(wrong));
    }

    @ParameterizedTest
    @EnumSource
    void givesEachServiceSettingsThatItTakes(Service service) throws IOException {
        var pod = deployment(Chart.LEAST, service).at("spec", "template", "spec");
        var drain = service.read(environment(pod, Map.of()));
        assertTrue(pod.at("terminationGracePeriodSeconds").integer() > drain.toSeconds() + 5, "it is killed before it has stopped");
        var container = pod.at("containers").elements().getFirst();
        assertEquals("registry.example.com/aerofn/aerofn-" + service.label() + ":0.1.0", container.at("image").text());
        assertEquals(service.port(), container.at("ports").elements().getFirst().at("containerPort").integer());
        assertEquals("/health/live", container.at("livenessProbe", "httpGet", "path").text());
        assertEquals("/health/live", container.at("startupProbe", "httpGet", "path").text());
        assertEquals("/health/ready", container.at("readinessProbe", "httpGet", "path").text());
    }

    @ParameterizedTest
    @EnumSource
    void givesEachServiceEverySettingItWasGiven(Service service) throws IOException {
        var environment = environment(deployment(Chart.MOST, service).at("spec", "template", "spec"), MORE_SECRET);
        assertEquals("3", environment.get("AEROFN_KAFKA_REPLICATION"));
        assertEquals(service.label(), environment.get("AEROFN_KAFKA_SASL_USER"));
        assertEquals(service == Service.GATEWAY ? "1000000" : null, environment.get("AEROFN_GATEWAY_MAX_IN_FLIGHT"));
        assertEquals(service == Service.GATEWAY ? "60s" : null, environment.get("AEROFN_GATEWAY_DRAIN_TIMEOUT"));
        service.read(environment);
    }

    /** A service that is taken over gives away no more than it needs itself. */
    @Test
    void givesEachServiceOnlyItsOwnSecrets() throws IOException {
        var shared = Set.of("AEROFN_RECORD_KEYS", "AEROFN_DATABASE_PASSWORD", "AEROFN_KAFKA_SASL_PASSWORD", "AEROFN_TRACING_HEADERS");
        assertEquals(shared, secrets(Service.SCHEDULER).keySet());
        assertFalse(secrets(Service.GATEWAY).keySet().stream().anyMatch(name -> name.contains("GUEST_DATABASE")));
        assertFalse(secrets(Service.WORKER).containsKey("AEROFN_GATEWAY_JWT_SECRET"));
        assertFalse(secrets(Service.BRIDGE).containsKey("AEROFN_SECRETS_KEYS"));
        assertEquals(Set.of("aerofn-worker"), Set.copyOf(secrets(Service.WORKER).values()));
    }

    @ParameterizedTest
    @EnumSource
    void letsNoPodDoMoreThanItMust(Service service) throws IOException {
        var pod = deployment(Chart.LEAST, service).at("spec", "template", "spec");
        assertEquals("false", pod.at("enableServiceLinks").text());
        assertEquals("false", pod.at("automountServiceAccountToken").text());
        assertEquals("true", pod.at("securityContext", "runAsNonRoot").text());
        assertEquals("RuntimeDefault", pod.at("securityContext", "seccompProfile", "type").text());
        var container = pod.at("containers").elements().getFirst().at("securityContext");
        assertEquals("true", container.at("readOnlyRootFilesystem").text());
        assertEquals("false", container.at("allowPrivilegeEscalation").text());
        assertEquals("[ALL]", container.at("capabilities", "drop").text());
    }

    /** Each policy, budget and service is about the pods of exactly one deployment or job. */
    @Test
    void selectsPodsThatThereAre() throws IOException {
        var manifests = Chart.with(Chart.MOST, directory).render();
        var pods = manifests.stream().map(manifest -> manifest.at("spec", "template", "metadata", "labels")).filter(Yaml::isThere)
                .map(ChartIT::texts).toList();
        assertEquals(5, pods.size());
        for (var manifest : manifests) {
            var selector = switch (manifest.at("kind").text()) {
                case "Service" -> manifest.at("spec", "selector");
                case "NetworkPolicy" -> manifest.at("spec", "podSelector", "matchLabels");
                case "PodDisruptionBudget", "Deployment" -> manifest.at("spec", "selector", "matchLabels");
                default -> new Yaml(null);
            };
            if (selector.isThere()) {
                var wanted = texts(selector);
                assertEquals(1, pods.stream().filter(labels -> labels.entrySet().containsAll(wanted.entrySet())).count(), manifest::text);
            }
        }
    }

    @Test
    void scalesWorkersByBothLanes() throws IOException {
        var manifests = Chart.with(Chart.MOST, directory).render();
        var scaled = one(manifests, "ScaledObject");
        assertEquals("functions-worker", scaled.at("spec", "scaleTargetRef", "name").text());
        assertFalse(deployment(Chart.MOST, Service.WORKER).at("spec", "replicas").isThere(), "the number of workers would go back and forth");
        var lanes = scaled.at("spec", "triggers").elements().stream().filter(trigger -> trigger.at("type").text().equals("kafka"))
                .collect(Collectors.toMap(trigger -> trigger.at("metadata", "topic").text(), trigger -> trigger.at("metadata", "consumerGroup").text()));
        assertEquals(Map.of("functions.invoke", "functions-invoke", "functions.events", "events-of-ours"), lanes);
        var metadata = scaled.at("spec", "triggers").elements().getFirst().at("metadata");
        assertEquals("scram_sha512", metadata.at("sasl").text());
        assertEquals("enable", metadata.at("tls").text());
        scaled.at("spec", "triggers").elements().stream().flatMap(trigger -> trigger.at("metadata").members().values().stream())
                .forEach(value -> assertTrue(value.value() instanceof String, () -> "KEDA takes only texts, and not " + value));
    }

    @Test
    void hardensTheDatabaseBeforeWorkersStartOnIt() throws IOException {
        var job = one(Chart.with(Chart.MOST, directory).render(), "Job");
        assertEquals("pre-install,pre-upgrade", job.at("metadata", "annotations", Chart.HOOK).text());
        var container = job.at("spec", "template", "spec", "containers").elements().getFirst();
        assertEquals("[database, harden, --url, postgresql://postgres@postgres:5432/app, --trust, authenticator]", container.at("args").text());
        var environment = environment(job.at("spec", "template", "spec"), MORE_SECRET);
        var worker = environment(deployment(Chart.MOST, Service.WORKER).at("spec", "template", "spec"), MORE_SECRET);
        environment.forEach((name, value) -> assertTrue(name.equals("PGPASSWORD") || value.equals(worker.get(name)), name));
        assertEquals(7, environment.size(), environment::toString);
    }

    /** The functions of one tenant must not reach what is inside the cluster or beside it, whatever else fails. */
    @Test
    void keepsWorkersFromPrivateNetworks() throws IOException {
        var policy = Chart.with(Chart.LEAST, directory).render().stream()
                .filter(manifest -> manifest.at("kind").text().equals("NetworkPolicy") && manifest.at("metadata", "name").text().endsWith("-worker"))
                .findFirst().orElseThrow();
        var open = policy.at("spec", "egress").elements().stream().filter(rule -> !rule.at("to").isThere())
                .flatMap(rule -> rule.at("ports").elements().stream()).map(port -> port.at("port").integer()).collect(Collectors.toSet());
        assertEquals(Set.of(53, 9092, 5432), open);
        var outside = policy.at("spec", "egress").elements().stream().flatMap(rule -> rule.at("to").elements().stream())
                .filter(peer -> peer.at("ipBlock", "cidr").text().equals("0.0.0.0/0")).findFirst().orElseThrow();
        assertTrue(outside.at("ipBlock", "except").text().contains("169.254.0.0/16"), outside::text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "gatway: {replicas: 3} | gatway",
        "worker: {replicas: 0} | replicas",
        "worker: {service: {port: 1}} | worker",
        "settings: {AEROFN_DATABASE_PASSWORD: secret} | AEROFN_DATABASE_PASSWORD",
        "settings: {AEROFN_RECORD_KEYS: secret} | AEROFN_RECORD_KEYS",
        "settings: {AEROFN_WORKER_DRAIN_TIMEOUT: 10m} | AEROFN_WORKER_DRAIN_TIMEOUT",
        "settings: {LOG_LEVEL: debug} | LOG_LEVEL",
        "image: {registry: ''} | image.registry is needed",
        "existingSecret: '' | existingSecret or gateway.existingSecret is needed",
        "settings: {AEROFN_DATABASE_USER: ''} | settings.AEROFN_DATABASE_USER is needed",
        "hardening: {enabled: true} | hardening.url is needed"})
    void refusesWhatIsWrong(String values, String part) throws IOException {
        var given = new HashMap<>(Yaml.parse(Chart.LEAST).members());
        Yaml.parse(values).members().forEach((name, member) -> given.merge(name, member, ChartIT::merged));
        var json = given.entrySet().stream().map(entry -> '"' + entry.getKey() + "\":" + Json.text(entry.getValue())).collect(Collectors.joining(",", "{", "}"));
        var message = assertThrows(RuntimeException.class, () -> Chart.with(json, directory).render()).getMessage();
        assertTrue(message.contains(part), message);
    }

    /** A setting that no service knows is known to be one only when a pod starts; that it does not pass unseen is for the services. */
    @Test
    void leavesSpellingToTheServices() throws IOException {
        var environment = environment(deployment(Chart.LEAST.replace("AEROFN_DATABASE_USER", "AEROFN_KAFKA_REPLICATON: 3\n  AEROFN_DATABASE_USER"), Service.GATEWAY)
                .at("spec", "template", "spec"), Map.of());
        assertEquals(List.of("AEROFN_KAFKA_REPLICATON: there is no such setting; did you mean AEROFN_KAFKA_REPLICATION?"),
                assertThrows(ConfigurationException.class, () -> Service.GATEWAY.read(environment)).problems());
    }

    private static Yaml merged(Yaml least, Yaml more) {
        if (least.members().isEmpty() || more.members().isEmpty()) {
            return more;
        }
        var all = new HashMap<String, Object>();
        least.members().forEach((name, member) -> all.put(name, member.value()));
        more.members().forEach((name, member) -> all.put(name, member.value()));
        return new Yaml(all);
    }

    private Yaml deployment(String values, Service service) throws IOException {
        return Chart.with(values, directory).render().stream()
                .filter(manifest -> manifest.at("kind").text().equals("Deployment") && manifest.at("metadata", "name").text().equals("functions-" + service.label()))
                .findFirst().orElseThrow();
    }

    private static Yaml one(List<Yaml> manifests, String kind) {
        return manifests.stream().filter(manifest -> manifest.at("kind").text().equals(kind)).findFirst().orElseThrow();
    }

    /** What a pod's container sees. A secret that is optional may lack it. */
    private static Map<String, String> environment(Yaml pod, Map<String, String> more) {
        var secret = new HashMap<>(SECRET);
        secret.putAll(more);
        var environment = new HashMap<String, String>();
        for (var variable : pod.at("containers").elements().getFirst().at("env").elements()) {
            var name = variable.at("name").text();
            var reference = variable.at("valueFrom", "secretKeyRef");
            var value = reference.isThere() ? secret.get(reference.at("key").text()) : variable.at("value").text();
            if (value != null) {
                environment.put(name, value);
            } else {
                assertEquals("true", reference.at("optional").text(), name);
            }
        }
        return environment;
    }

    /** The names of the secrets that variables are from, by the variables. */
    private Map<String, String> secrets(Service service) throws IOException {
        var container = deployment(Chart.MOST, service).at("spec", "template", "spec", "containers").elements().getFirst();
        return container.at("env").elements().stream().filter(variable -> variable.at("valueFrom").isThere())
                .collect(Collectors.toMap(variable -> variable.at("name").text(), variable -> variable.at("valueFrom", "secretKeyRef", "name").text()));
    }

    private static Map<String, String> texts(Yaml mapping) {
        return mapping.members().entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, member -> member.getValue().text()));
    }
}
