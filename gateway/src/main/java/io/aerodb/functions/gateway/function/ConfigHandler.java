package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.ConfigPatch;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionVersions;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.PayloadReader;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.openapi.Operations;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** {@code PATCH /functions/v1/{name}}: changes the configuration of a function without a deployment. */
public final class ConfigHandler {

    private static final Set<String> CONTENT_TYPES = Set.of("application/merge-patch+json", "application/json");

    private final FunctionVersions versions;
    private final FunctionChanges changes;
    private final Authenticator authenticator;
    private final BlockingCalls threads;
    private final Clock clock;

    /** @param threads for what asks the database */
    public ConfigHandler(FunctionVersions versions, FunctionChanges changes, Authenticator authenticator, BlockingCalls threads, Clock clock) {
        this.versions = versions;
        this.changes = changes;
        this.authenticator = authenticator;
        this.threads = threads;
        this.clock = clock;
    }

    public void register(Operations operations) {
        operations.handle("configureFunction", this::admit, new PayloadReader(Upload.MAX_OTHER_BYTES)::read, this::patch);
    }

    /** Refuses what can be refused before the body is read. */
    private void admit(RoutingContext context) {
        authenticator.service(context.request());
        new QueryParameters(context.queryParams()).allowOnly(Set.of());
        if (!CONTENT_TYPES.contains(contentType(context.request()))) {
            context.response().putHeader("Accept-Patch", "application/merge-patch+json, application/json");
            throw new ProblemException(Problem.unsupportedMediaType(
                    "send a JSON merge patch of the configuration as application/merge-patch+json or application/json"));
        }
        context.next();
    }

    private void patch(RoutingContext context) {
        var name = new FunctionName(context.pathParam("name"));
        var expected = IfMatch.of(context.request());
        var patch = ConfigPatch.parse(text(PayloadReader.take(context)));
        threads.answer(context, () -> changes.settle(name, versions.planned(name, patch), () -> versions.reconfigure(name, patch, expected), "configured"),
                settled -> FunctionJson.answer(context, 200, settled.function(), clock.instant(), settled.nowFull()));
    }

    private static String contentType(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader(HttpHeaders.CONTENT_TYPE)).orElse("").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    private static String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(Problem.invalidRequest("the body is not text in UTF-8"));
        }
    }
}
