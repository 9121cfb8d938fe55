package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.SecretStore;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.PayloadReader;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.openapi.Operations;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /functions/v1/{name}/secrets/{key}}: sets and removes secrets, and never gives one back. */
public final class SecretsHandler {

    private static final Logger LOG = LoggerFactory.getLogger(SecretsHandler.class);

    private final SecretStore secrets;
    private final FunctionStore functions;
    private final Propagation propagation;
    private final Authenticator authenticator;
    private final BlockingCalls threads;

    /** @param threads for what asks the database */
    public SecretsHandler(
            SecretStore secrets, FunctionStore functions, Propagation propagation, Authenticator authenticator, BlockingCalls threads) {
        this.secrets = secrets;
        this.functions = functions;
        this.propagation = propagation;
        this.authenticator = authenticator;
        this.threads = threads;
    }

    public void register(Operations operations) {
        operations.handle("putSecret", this::admit, new PayloadReader(SecretStore.MAX_VALUE_BYTES)::read, this::put);
        operations.handle("removeSecret", this::delete);
    }

    private void admit(RoutingContext context) {
        authenticator.service(context.request());
        context.next();
    }

    private void put(RoutingContext context) {
        var name = name(context);
        var key = context.pathParam("key");
        var value = text(PayloadReader.take(context));
        answer(context, () -> {
            if (!secrets.put(name, key, value)) {
                throw new ProblemException(Problem.functionNotFound(name.value()));
            }
            return changed(name, key, "set");
        });
    }

    private void delete(RoutingContext context) {
        authenticator.service(context.request());
        var name = name(context);
        var key = context.pathParam("key");
        answer(context, () -> {
            if (!secrets.delete(name, key)) {
                throw new ProblemException(functions.find(name).isPresent()
                        ? Problem.secretNotFound(name.value(), key)
                        : Problem.functionNotFound(name.value()));
            }
            return changed(name, key, "removed");
        });
    }

    private FunctionName changed(FunctionName name, String key, String change) {
        propagation.propagate(name);
        LOG.atInfo().addKeyValue("function", name).addKeyValue("key", key).addKeyValue("change", change).log("a secret changed");
        return name;
    }

    private void answer(RoutingContext context, Callable<FunctionName> work) {
        threads.answer(context, work, _ -> context.response().setStatusCode(204).end());
    }

    private static FunctionName name(RoutingContext context) {
        return new FunctionName(context.pathParam("name"));
    }

    private static String text(byte[] body) {
        if (body.length == 0) {
            throw new ProblemException(Problem.invalidRequest("send the secret's value as the body"));
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(Problem.invalidRequest("a secret's value is text in UTF-8; encode other bytes, for example in base64"));
        }
    }
}
