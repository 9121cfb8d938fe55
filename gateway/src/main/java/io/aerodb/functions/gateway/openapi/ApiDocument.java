package io.aerodb.functions.gateway.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The OpenAPI document: what can be called. Immutable. */
public final class ApiDocument {

    private static final String RESOURCE = "openapi.yaml";
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    private final String yaml;
    private final JsonNode root;

    private ApiDocument(String yaml) {
        this.yaml = yaml;
        var options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        this.root = JsonMapper.builder().build().valueToTree(new Yaml(new SafeConstructor(options)).load(yaml));
    }

    /** The one that is packaged with the gateway. */
    public static ApiDocument load() {
        try (var in = Objects.requireNonNull(ApiDocument.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws org.yaml.snakeyaml.error.YAMLException if it is no YAML */
    public static ApiDocument parse(String yaml) {
        return new ApiDocument(yaml);
    }

    public String yaml() {
        return yaml;
    }

    public String json() {
        return root.toString();
    }

    /** In the order in which a path is to be compared with theirs. */
    List<Operation> operations() {
        var operations = new ArrayList<Operation>();
        root.path("paths").properties().forEach(path -> path.getValue().properties().stream()
                .filter(method -> METHODS.contains(method.getKey()))
                .forEach(method -> operations.add(new Operation(
                        method.getValue().path("operationId").asText(),
                        path.getKey(),
                        HttpMethod.valueOf(method.getKey().toUpperCase(Locale.ROOT)),
                        method.getValue().path("x-any-method").booleanValue(),
                        path.getValue().path("x-subpaths").booleanValue()))));
        operations.sort(Operation.ROUTING_ORDER);
        return List.copyOf(operations);
    }
}
