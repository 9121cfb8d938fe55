package io.aerodb.functions.system.packaging;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** What Kubernetes and the operators that the chart can use know of the kinds in it. */
final class KubernetesApi {

    /** By the official models, which know every member, and refuse a member that they do not know. */
    private static final Map<String, Check> MODELS = Map.of(
            "apps/v1 Deployment", V1Deployment::validateJsonElement,
            "v1 Service", V1Service::validateJsonElement,
            "v1 ServiceAccount", V1ServiceAccount::validateJsonElement,
            "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
            "networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy::validateJsonElement,
            "batch/v1 Job", V1Job::validateJsonElement);

    /** The members of {@code spec} of kinds that operators add; no library has models of them that refuse what they do not know. */
    private static final Map<String, Set<String>> OF_OPERATORS = Map.of(
            "keda.sh/v1alpha1 ScaledObject", Set.of("scaleTargetRef", "pollingInterval", "cooldownPeriod", "initialCooldownPeriod", "idleReplicaCount",
                    "minReplicaCount", "maxReplicaCount", "fallback", "advanced", "triggers"),
            "monitoring.coreos.com/v1 ServiceMonitor", Set.of("jobLabel", "targetLabels", "podTargetLabels", "endpoints", "selector", "namespaceSelector",
                    "sampleLimit", "scrapeProtocols"));

    private KubernetesApi() {}

    @FunctionalInterface
    private interface Check {

        /** @throws IllegalArgumentException if a member is unknown, missing or of the wrong kind */
        void of(JsonElement manifest) throws IOException;
    }

    static void assertKnows(Yaml manifest) {
        var kind = manifest.at("apiVersion").text() + " " + manifest.at("kind").text();
        var json = Json.text(manifest);
        if (OF_OPERATORS.containsKey(kind)) {
            var members = manifest.at("spec").members().keySet();
            assertTrue(OF_OPERATORS.get(kind).containsAll(members), () -> kind + " has members " + members);
            return;
        }
        assertTrue(MODELS.containsKey(kind), () -> "no model of " + kind);
        assertDoesNotThrow(() -> MODELS.get(kind).of(JsonParser.parseString(json)), kind);
    }
}
