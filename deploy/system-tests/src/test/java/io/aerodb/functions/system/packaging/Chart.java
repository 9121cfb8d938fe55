package io.aerodb.functions.system.packaging;

import com.marcnuri.helm.Helm;
import io.aerodb.functions.system.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The chart, rendered by Helm itself, with values as an operator has them. */
final class Chart {

    /** As little as can be given. */
    static final String LEAST = """
            image: {registry: registry.example.com/aerofn}
            existingSecret: aerofn
            settings:
              AEROFN_KAFKA_BOOTSTRAP: kafka:9092
              AEROFN_DATABASE_URL: jdbc:postgresql://postgres:5432/aerodb
              AEROFN_DATABASE_USER: aerodb
            """;

    /** With everything that can be switched on. */
    static final String MOST = """
            image: {registry: registry.example.com/aerofn/, tag: "1.2.3", pullSecrets: [pull]}
            existingSecret: aerofn
            certificatesSecret: authorities
            settings:
              AEROFN_KAFKA_BOOTSTRAP: kafka-1:9093,kafka-2:9093
              AEROFN_KAFKA_SECURITY_PROTOCOL: SASL_SSL
              AEROFN_KAFKA_REPLICATION: 3
              AEROFN_DATABASE_URL: jdbc:postgresql://postgres:5432/aerodb?sslmode=verify-full&sslrootcert=/etc/aerofn/certificates/postgres.pem
              AEROFN_DATABASE_USER: aerodb
            gateway:
              drainSeconds: 60
              settings: {AEROFN_KAFKA_SASL_USER: gateway, AEROFN_GATEWAY_MAX_IN_FLIGHT: 1000000, AEROFN_GATEWAY_JWT_JWKS_URL: "https://id.example.com/keys"}
              service: {type: LoadBalancer, annotations: {example.com/scheme: internal}}
              nodeSelector: {kubernetes.io/arch: amd64}
              tolerations: [{key: dedicated, operator: Exists}]
              podAnnotations: {example.com/revision: "7"}
            worker:
              existingSecret: aerofn-worker
              settings:
                AEROFN_KAFKA_SASL_USER: worker
                AEROFN_WORKER_EVENTS_GROUP: events-of-ours
                AEROFN_WORKER_GUEST_DATABASE_URL: jdbc:postgresql://postgres:5432/app
                AEROFN_WORKER_GUEST_DATABASE_TOLERATE_MISSING_REVOKES: true
            scheduler: {settings: {AEROFN_KAFKA_SASL_USER: scheduler}}
            bridge: {settings: {AEROFN_KAFKA_SASL_USER: bridge}}
            hardening: {enabled: true, url: "postgresql://postgres@postgres:5432/app", existingSecret: postgres-admin, trust: [authenticator]}
            keda: {enabled: true, authentication: kafka}
            networkPolicy:
              callers: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]
              kafka: {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kafka}}}], ports: [9093]}
              postgres: {to: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [5432, 6432]}
              egress: [{ports: [{port: 4318}]}]
            serviceMonitor: {enabled: true, labels: {release: prometheus}}
            """;

    /** Stands in for {@code helm.sh/hook}: Helm's library leaves out hooks when it renders, so to it they are manifests like others. */
    static final String HOOK = "hook.invalid/hook";

    private static final String KUBERNETES = "1.31.0";
    private static final Path SOURCE = Repository.root().resolve("deploy/chart");

    private final Path chart;
    private final Path valuesFile;

    private Chart(Path chart, Path valuesFile) {
        this.chart = chart;
        this.valuesFile = valuesFile;
    }

    /** @param directory where it is worked in */
    static Chart with(String values, Path directory) throws IOException {
        var chart = Files.createTempDirectory(directory, "chart");
        try (var files = Files.walk(SOURCE)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var copy = chart.resolve("aerofn").resolve(SOURCE.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.writeString(copy, Files.readString(file).replace("helm.sh/hook", HOOK));
            }
        }
        return new Chart(chart.resolve("aerofn"), Files.writeString(chart.resolve("values.yaml"), values));
    }

    /** What {@code helm template} gives. @throws RuntimeException with Helm's own message if it refuses */
    List<Yaml> render() {
        return Yaml.parseAll(new Helm(chart).template().withName("functions").withNamespace("team").withKubeVersion(KUBERNETES).withValuesFile(valuesFile).call());
    }

    /** What {@code helm lint --strict} has to say against the chart with its own values; empty if all is well. */
    static List<String> lint() {
        var result = new Helm(SOURCE).lint().strict().call();
        return result.isFailed() ? result.getMessages() : List.of();
    }
}
